// An HL7 v2 receiver that is not ours (simple-hl7). It says where it listens and
// then, for each message, what it made of it: the segments, and of each field its
// parts as repetition.component.subcomponent=text.
import hl7 from 'simple-hl7'

// A field of several repetitions holds fields, one of a single holds components;
// a component with subcomponents holds a list.
function parts(field) {
  const repetitions = Array.isArray(field.value[0]) ? [field] : field.value
  const out = []
  repetitions.forEach((repetition, r) =>
    repetition.value[0].forEach((component, c) =>
      [component.value[0]].flat().forEach((text, s) => out.push(`${r + 1}.${c + 1}.${s + 1}=${text}`))
    )
  )
  return out.join(' ')
}

const fields = (list) => list.map(parts)

const server = hl7.Server.createTcpServer({}, receive)

function receive(err, req, res) {
  if (err) {
    console.log(JSON.stringify({ error: String(err) }))
    return
  }
  const segments = [{ name: 'MSH', fields: fields(req.msg.header.fields) }]
  for (const s of req.msg.segments) segments.push({ name: s.name, fields: fields(s.fields) })
  console.log(JSON.stringify({ type: req.type, event: req.event, segments }))
  res.end()
}

server.start({ port: 0, host: '127.0.0.1' })
server.server.on('listening', () => console.log('127.0.0.1:' + server.server.address().port))
