import assert from 'node:assert/strict'
import { Answers, PEER_REFUSALS, PEER_REPORTS } from '../../packages/core/dist/introspection/answers.js'
import { fittedJson } from '../../packages/core/dist/introspection/fit.js'
import {
  decodeAnswer,
  decodeQuestion,
  encodeAnswer,
  encodeQuestion,
  InspectKind,
  parseReport,
} from '../../packages/core/dist/introspection/format.js'
import { Questions } from '../../packages/core/dist/introspection/questions.js'
import { Data } from '../lib/data.js'
import { inspections } from '../lib/vectors.js'

const PEERS = ['A', 'B'].map((digit) => ({ id: digit.repeat(32) }))
const SUBJECTS = ['info', 'stats', 'links', 'probe']
const MAX_STEPS = 100
const MAX_JSON = 64

/** Questions and answers of peers, as bytes, and all else that may happen to a node, in any order. */
export default {
  seeds: () => [
    // A question of ours, and then each payload by the peer that was asked.
    ...inspections.map(({ kind, payload }) => {
      const what = kind === InspectKind.inspect ? 1 : 2
      return Buffer.concat([Buffer.of(0, 0, 0, what, 0, 0, payload.length), payload])
    }),
    Buffer.of(0, 0, 0, 5, 0, 0, 1, 2, 6, 200, 3, 0, 4, 0),
  ],

  async run(bytes) {
    const data = new Data(bytes)
    let now = 0
    let asked
    const open = new Set()
    const sent = new Map(PEERS.map(({ id }) => [id, 0]))
    const questions = new Questions({
      send: (peer, payload) => {
        asked = { peer, id: decodeQuestion(payload).id }
      },
      hindrance: () => undefined,
      dropped: (error) => assert.equal(error.code, 'SLEUTH_INSPECT_MESSAGE'),
    })
    const answers = new Answers({
      send: (peer, payload) => {
        const answer = decodeAnswer(payload)
        assert.ok(answer !== undefined, 'our own answer can not be read')
        if (answer.status === 'ok') assert.ok(parseReport(answer.json) !== undefined)
        sent.set(peer, sent.get(peer) + 1)
      },
      mayAsk: (_peer, subject) => subject !== 'links',
      reportOf: (subject) => ({ subject, list: Array.from({ length: data.u8() }, (_, at) => `entry ${at}`) }),
      dropped: (error) => assert.equal(error.code, 'SLEUTH_INSPECT_MESSAGE'),
      overdone: () => {},
      failed: (error) => {
        throw error
      },
      now: () => now,
    })
    for (let steps = 0; steps < MAX_STEPS && data.left > 0; steps++) {
      const what = data.u8() % 7
      const peer = data.pick(PEERS)
      if (what === 0) {
        const subject = data.pick(SUBJECTS)
        const settled = questions.ask({ peer: peer.id, subject, timeout: Infinity, signal: undefined })
        open.add(settled)
        const end = (outcome) => {
          assert.ok(outcome.code?.startsWith('SLEUTH_') || typeof outcome === 'object')
          assert.ok(open.delete(settled), 'a question has ended twice')
        }
        settled.then(end, end)
      } else if (what === 1) {
        const payload = data.part()
        same(payload, decodeQuestion, encodeQuestion)
        answers.receive(peer, payload)
      } else if (what === 2) {
        const payload = data.part()
        same(payload, decodeAnswer, encodeAnswer)
        questions.receive(peer.id, payload)
      } else if (what === 3) questions.gone(peer.id)
      else if (what === 4) {
        // A peer that comes back has all of its budget again.
        answers.gone(peer.id)
        sent.set(peer.id, 0)
      } else if (what === 5 && asked !== undefined) {
        // The answer that was asked for, perhaps by another.
        const before = questions.size
        const status = data.pick(['ok', 'refused', 'busy', 'unknown', 'failed'])
        questions.receive(peer.id, encodeAnswer({ id: asked.id, status, json: data.part().toString() }))
        if (peer.id !== asked.peer) assert.equal(questions.size, before, 'another has answered')
      } else now += data.u8()
      assert.ok(questions.size <= open.size)
    }
    await new Promise((resolve) => setImmediate(resolve))
    // What was asked before a peer went may be answered after it.
    const most = (2 + now / 1000) * (PEER_REPORTS + PEER_REFUSALS)
    for (const count of sent.values()) assert.ok(count <= most)
    fits(data)
    questions.close()
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(open.size, 0, 'a question never ends')
  },
}

function same(payload, decode, encode) {
  const read = decode(payload)
  if (read !== undefined) assert.deepEqual(decode(encode(read)), read)
}

/** A report that is cut is JSON, fits, and says how much is missing. */
function fits(data) {
  const report = { list: [], table: {} }
  for (let at = data.u8() % 16; at > 0; at--) {
    const text = data.part().toString()
    report.list.push(text)
    report.table[`k${at}`] = text
  }
  const max = 600 + MAX_JSON
  const json = fittedJson(report, max)
  assert.ok(json !== undefined)
  assert.ok(Buffer.byteLength(json) <= max)
  const { list, table, truncated = {} } = JSON.parse(json)
  assert.equal(list.length + (truncated.list ?? 0), report.list.length)
  assert.equal(Object.keys(table).length + (truncated.table ?? 0), Object.keys(report.table).length)
}
