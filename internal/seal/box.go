package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/subtle"
	"errors"
)

// Overhead is how many bytes Seal adds: a nonce of 24 and a tag of 16.
const Overhead = nonceSize + tagSize

const (
	nonceSize = 24
	tagSize   = 16
)

// ErrForged says that sealed bytes were changed, were sealed with another key,
// or stand in another place than the one they were sealed for.
var ErrForged = errors.New("seal: sealed bytes do not authenticate")

// A Box seals and opens byte strings with one key. It is safe for use by many
// goroutines.
//
// The cipher is XAES-256-GCM (C2SP): AES-256-GCM under a key that is derived
// anew for every message from the first half of a random nonce of 192 bits.
// Plain AES-GCM with a random nonce of 96 bits should end after 2^32 messages
// and a counter as nonce repeats itself when an older image of the disk is
// started again; here 2^80 messages keep the chance of a repeated nonce below
// 2^-32, and a restored image draws fresh ones.
type Box struct {
	block cipher.Block
	k1    [aes.BlockSize]byte
}

// NewBox returns the box of key k.
func NewBox(k Key) *Box {
	block, err := aes.NewCipher(k[:])
	if err != nil {
		panic("seal: " + err.Error()) // only for a wrong key length
	}
	b := &Box{block: block}
	block.Encrypt(b.k1[:], b.k1[:])
	carry := b.k1[0] >> 7
	for i := range len(b.k1) - 1 {
		b.k1[i] = b.k1[i]<<1 | b.k1[i+1]>>7
	}
	b.k1[len(b.k1)-1] = b.k1[len(b.k1)-1]<<1 ^ byte(subtle.ConstantTimeSelect(int(carry), 0x87, 0))
	return b
}

// messageCipher returns the AES-256-GCM of one message (CMAC in counter mode,
// NIST SP 800-108r1, over the first half of the nonce).
func (b *Box) messageCipher(nonce []byte) cipher.AEAD {
	var key [KeySize]byte
	for i := range 2 {
		m := key[i*aes.BlockSize : (i+1)*aes.BlockSize]
		m[1], m[2] = byte(i+1), 'X'
		copy(m[4:], nonce[:12])
		subtle.XORBytes(m, m, b.k1[:])
		b.block.Encrypt(m, m)
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic("seal: " + err.Error())
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("seal: " + err.Error())
	}
	return aead
}

// Seal appends nonce and ciphertext of plain to dst and returns it. The aad is
// not stored; Open needs the same.
func (b *Box) Seal(dst, plain, aad []byte) []byte {
	var nonce [nonceSize]byte
	_, _ = rand.Read(nonce[:])
	return b.sealWith(dst, plain, aad, nonce)
}

func (b *Box) sealWith(dst, plain, aad []byte, nonce [nonceSize]byte) []byte {
	dst = append(dst, nonce[:]...)
	return b.messageCipher(nonce[:]).Seal(dst, nonce[12:], plain, aad)
}

// Open appends the plaintext of sealed to dst. It returns [ErrForged] if one
// bit of sealed or aad differs from what Seal was given.
func (b *Box) Open(dst, sealed, aad []byte) ([]byte, error) {
	if len(sealed) < Overhead {
		return nil, ErrForged
	}
	nonce := sealed[:nonceSize]
	out, err := b.messageCipher(nonce).Open(dst, nonce[12:], sealed[nonceSize:], aad)
	if err != nil {
		return nil, ErrForged
	}
	return out, nil
}
