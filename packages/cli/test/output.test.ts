import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { tableLines } from '#src/output/table.js'
import { jsonLine, plain, word } from '#src/output/text.js'
import { age, shortTime } from '#src/output/time.js'
import { wrap } from '#src/output/wrap.js'

describe('a table', () => {
  const columns = [{ title: 'NAME' }, { title: 'RTT', align: 'right' as const }, { title: 'END' }]

  test('has as many words in each line as it has columns', () => {
    const rows = [
      ['a b  c', '', 'tcp://127.0.0.1:1'],
      ['', '1ms', 'x\ny\u001b[2J'],
      ['ünï', '12ms', ' '],
    ]
    const lines = tableLines(columns, rows)
    assert.deepEqual(lines, [
      'NAME    RTT  END',
      'a_b_c     -  tcp://127.0.0.1:1',
      '-       1ms  x_y\ufffd[2J',
      'ünï    12ms  -',
    ])
    for (const line of lines) assert.equal(line.trim().split(/\s+/).length, 3, line)
  })

  test('keeps its columns when its cells are coloured', () => {
    const dress = (cell: string, row: number) => (row === -1 ? `<${cell}>` : cell)
    assert.deepEqual(tableLines(columns, [['long-name', '1ms', 'x']], dress), [
      '<NAME>       <RTT>  <END>',
      'long-name  1ms  x',
    ])
  })
})

test('what a peer says writes nowhere else in a terminal', () => {
  assert.equal(plain('a\u001b[31m\r\nb\u202ec\ud800'), 'a\ufffd[31m\ufffd\ufffdb\ufffdc\ufffd')
  assert.equal(word(' two\twords '), 'two_words')
})

test('a line of JSON has nothing that a terminal obeys, and means the same', () => {
  const text = 'a\u001b[31m\r\nb\u009b31m\u202ec\u2028\u007f\ud800ü\u{1f600}'
  const line = jsonLine({ text, [text]: [1] })
  assert.match(line, /^[^\p{Cc}\u202e\u2028]+\n$/u)
  assert.deepEqual(JSON.parse(line), { text, [text]: [1] })
  assert.ok(line.includes('ü\u{1f600}'))
  assert.equal(jsonLine({ rtt: 6.41602, rate: 1e-9, none: null }), '{"rtt":6.416,"rate":0,"none":null}\n')
})

test('times are one word', () => {
  assert.deepEqual([0.123, 9.999, 12.3, 999, 1500, 60_000].map(shortTime), [
    '0.12ms',
    '10.00ms',
    '12ms',
    '999ms',
    '1.50s',
    '60.0s',
  ])
  assert.deepEqual([-5, 0, 59_999, 312_000, 11_100_000, 792_000_000].map(age), [
    '0s',
    '0s',
    '59s',
    '5m12s',
    '3h5m',
    '9d4h',
  ])
})

test('a text is wrapped between words', () => {
  assert.deepEqual(wrap('one two three four', 9), ['one two', 'three', 'four'])
  assert.deepEqual(wrap('averylongword a', 5), ['averylongword', 'a'])
})
