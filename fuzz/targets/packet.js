import assert from 'node:assert/strict'
import { PacketFault } from '../../packages/core/dist/transport/streams/packet-fault.js'
import { readPacket } from '../../packages/core/dist/transport/streams/reader.js'
import { PacketWriter } from '../../packages/core/dist/transport/streams/writer.js'
import { packets } from '../lib/vectors.js'

/** A packet of the second wire: what is read of it is written and read again. */
export default {
  seeds: () => packets,

  run(bytes) {
    const first = read(bytes)
    const held = first.calls.reduce((sum, [, ...fields]) => sum + sizeOf(fields), 0)
    assert.ok(held <= bytes.length, 'more came out than was in it')
    if (first.calls.length === 0) return
    const writer = new PacketWriter()
    for (const [name, ...fields] of first.calls) write[name](writer, ...fields)
    const again = read(writer.take())
    assert.equal(again.fault, undefined)
    assert.deepEqual(again.calls, first.calls)
  },
}

const NAMES = [
  'request',
  'response',
  'callerData',
  'serviceData',
  'callerReset',
  'serviceReset',
  'callerCredit',
  'serviceCredit',
]

function read(bytes) {
  const calls = []
  const handler = Object.fromEntries(
    NAMES.map((name) => [name, (...fields) => calls.push([name, ...fields])]),
  )
  try {
    readPacket(bytes, handler)
  } catch (error) {
    if (!(error instanceof PacketFault)) throw error
    return { calls, fault: error.message }
  }
  return { calls, fault: undefined }
}

const write = {
  request: (writer, ...fields) => assert.ok(writer.request(...fields)),
  response: (writer, ...fields) => assert.ok(writer.response(...fields)),
  callerData: (writer, ...fields) => writer.data('caller', ...fields),
  serviceData: (writer, ...fields) => writer.data('service', ...fields),
  callerReset: (writer, ...fields) => writer.reset('caller', ...fields),
  serviceReset: (writer, ...fields) => writer.reset('service', ...fields),
  callerCredit: (writer, ...fields) => writer.credit('caller', ...fields),
  serviceCredit: (writer, ...fields) => writer.credit('service', ...fields),
}

/** The name of a reset is ours, and not of the packet. */
function sizeOf(fields) {
  const [, last] = fields
  if (fields.length === 2 && typeof last === 'string') return 0
  return fields.flat().reduce((sum, value) => sum + (value.length ?? 0), 0)
}
