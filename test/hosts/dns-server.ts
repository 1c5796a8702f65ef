/**
 * A DNS server (RFC 1035) as a program: it answers questions for the addresses of every name with those that it was told last.
 * Arguments: the address to listen at.
 */
import { createSocket } from 'node:dgram'
import { obey, write } from './program.js'

const TYPE_A = 1
const TTL_SECONDS = 1

let addresses: readonly string[] = []

const socket = createSocket('udp4')
socket.on('message', (question, { address, port }) => socket.send(answer(question), port, address))
socket.bind(53, process.argv[2], () => write({ event: 'ready' }))

/** The head of the question with flags and counts of an answer, the question itself, and a record for each address. */
function answer(question: Buffer): Buffer {
  const end = endOfName(question) + 4
  const isForAddress = question.readUInt16BE(end - 4) === TYPE_A
  const records = isForAddress ? addresses.map(record) : []
  const head = Buffer.from(question.subarray(0, 12))
  head.writeUInt16BE(0x8180, 2)
  head.writeUInt16BE(records.length, 6)
  head.writeUInt32BE(0, 8)
  return Buffer.concat([head, question.subarray(12, end), ...records])
}

function endOfName(question: Buffer): number {
  let at = 12
  while (question.readUInt8(at) !== 0) at += question.readUInt8(at) + 1
  return at + 1
}

function record(address: string): Buffer {
  const bytes = Buffer.alloc(16)
  // The name is that of the question.
  bytes.writeUInt16BE(0xc00c, 0)
  bytes.writeUInt16BE(TYPE_A, 2)
  bytes.writeUInt16BE(1, 4)
  bytes.writeUInt32BE(TTL_SECONDS, 6)
  bytes.writeUInt16BE(4, 10)
  bytes.set(address.split('.').map(Number), 12)
  return bytes
}

obey<{ id: number; op: string; addresses: readonly string[] }>(async (command) => {
  addresses = command.addresses
  return undefined
})
