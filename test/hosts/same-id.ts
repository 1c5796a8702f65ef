/** Loaded before a program, it gives the node the id in SAME_ID: as a copy of its memory has. */
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

const { randomBytes } = crypto
let given = false

crypto.randomBytes = ((size: number) => {
  if (given || size !== 16 || !new Error().stack?.includes('createNode')) return randomBytes(size)
  given = true
  return Buffer.from(process.env.SAME_ID ?? '', 'hex')
}) as typeof randomBytes
syncBuiltinESMExports()
