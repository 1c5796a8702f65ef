import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { generateKeys, ZreError } from '@sleuth/zre'
import { checkOptions } from '#src/options.js'
import { encodeZ85 } from '#src/wire/z85.js'

const { publicKey, secretKey } = generateKeys()
const beginsWithZero = encodeZ85(Buffer.concat([Buffer.of(0), Buffer.alloc(31, 7)]))

function refused(security: unknown): ZreError {
  try {
    checkOptions({ security: security as never })
  } catch (error) {
    assert.ok(error instanceof ZreError)
    for (const secret of [secretKey, publicKey]) assert.equal(error.message.includes(secret), false)
    return error
  }
  throw new Error('nothing was refused')
}

describe('keys', () => {
  it('that were generated are good, and so are the recorded ones of RFC 26', () => {
    for (let count = 0; count < 50; count++) {
      const keys = generateKeys()
      assert.deepEqual(checkOptions({ security: { ...keys, allow: [] } }).security, {
        ...keys,
        allow: [],
        proof: false,
      })
    }
    const recorded = {
      publicKey: 'Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID',
      secretKey: 'D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs',
    }
    assert.equal(
      checkOptions({ security: { ...recorded, allow: [] } }).security?.publicKey,
      recorded.publicKey,
    )
  })

  const wrong: [what: string, security: object, says: RegExp][] = [
    ['no keys', {}, /^security\.publicKey must be 40 characters of Z85, and is missing$/],
    ['no secret key', { publicKey }, /^security\.secretKey must be 40 characters of Z85, and is missing$/],
    ['a number', { publicKey, secretKey: 5 }, /^security\.secretKey must be .*, and is number$/],
    ['a short key', { publicKey, secretKey: secretKey.slice(1) }, /^security\.secretKey .* has 39$/],
    ['a line break', { publicKey, secretKey: `${secretKey}\n` }, /secretKey .* has 41 \(there are spaces/],
    ['a foreign character', { publicKey: `"${publicKey.slice(1)}`, secretKey }, /publicKey .* does not have/],
    ['no four bytes', { publicKey: '#'.repeat(40), secretKey }, /publicKey .* stand for no four bytes/],
    [
      'a zero byte',
      { publicKey: beginsWithZero, secretKey },
      /publicKey begins with a zero byte, and C's zyre/,
    ],
    ['a secret zero byte', { publicKey, secretKey: beginsWithZero }, /secretKey begins with a zero byte/],
    ['another pair', { publicKey: generateKeys().publicKey, secretKey }, /publicKey does not belong to/],
    ['the wrong way', { publicKey: secretKey, secretKey: publicKey }, /publicKey the two are the wrong way/],
  ]
  for (const [what, security, says] of wrong) {
    it(`say what is wrong and how, and never what a key is: ${what}`, () => {
      const error = refused({ allow: [], ...security })
      assert.equal(error.code, 'ZRE_KEY')
      assert.match(error.message, says)
    })
  }

  it('that are allowed are checked', () => {
    const error = refused({ publicKey, secretKey, allow: [generateKeys().publicKey, 'x'] })
    assert.equal(error.code, 'ZRE_KEY')
    assert.match(error.message, /security\.allow\[1\] is no public key/)
    for (const allow of [undefined, 5, '', {}]) {
      assert.equal(refused({ publicKey, secretKey, allow }).code, 'ZRE_OPTION')
    }
    assert.equal(refused('yes').code, 'ZRE_OPTION')
  })
})
