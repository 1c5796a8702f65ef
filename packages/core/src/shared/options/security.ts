import type { Allow } from '@sleuth/zre'
import * as v from 'valibot'

const key = v.string('must be a key as text: 40 characters, as generateKeys() gives them')

const allowProblem = 'must be a list of public keys, the path of a file or directory of them, or a function'

/** It checks only the shape. Whether the keys are valid, and belong together, is checked where they are used. */
export const securityFields = v.strictObject(
  {
    publicKey: key,
    secretKey: key,
    allow: v.custom<Allow>(isAllow, allowProblem),
  },
  'must be an object with publicKey, secretKey and allow',
)

function isAllow(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((each) => typeof each === 'string')
  return typeof value === 'function' || (typeof value === 'string' && value !== '')
}
