import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Interests } from '#src/events/interests.js'
import { matches, patternProblem, topicProblem } from '#src/events/topic.js'

describe('topics and patterns', () => {
  it('match word by word', () => {
    const cases: [pattern: string, topic: string, expected: boolean][] = [
      ['a', 'a', true],
      ['a', 'b', false],
      ['a', 'a.b', false],
      ['a.b', 'a', false],
      ['*', 'a', true],
      ['*', 'a.b', false],
      ['a.*', 'a.b', true],
      ['a.*', 'a', false],
      ['a.*', 'a.b.c', false],
      ['*.b', 'a.b', true],
      ['a.*.c', 'a.b.c', true],
      ['>', 'a', true],
      ['>', 'a.b.c', true],
      ['a.>', 'a', false],
      ['a.>', 'a.b', true],
      ['a.>', 'a.b.c', true],
      ['*.>', 'a', false],
      ['*.>', 'a.b', true],
    ]
    for (const [pattern, topic, expected] of cases)
      assert.equal(matches(pattern.split('.'), topic.split('.')), expected, `${pattern} and ${topic}`)
  })

  it('have rules', () => {
    for (const topic of ['a', 'order.created', 'a-b_c.D9', 'ä.ö', 'x'.repeat(255)])
      assert.deepEqual([topicProblem(topic), patternProblem(topic)], [undefined, undefined], topic)
    for (const pattern of ['*', '>', 'a.*', 'a.*.b', '*.*', 'a.>', '*.>']) {
      assert.equal(patternProblem(pattern), undefined, pattern)
      assert.match(topicProblem(pattern) ?? '', /must be a topic/)
    }
    for (const text of [
      '',
      '.',
      'a.',
      '.a',
      'a..b',
      'a b',
      'a\n',
      'a\u202e',
      'x'.repeat(256),
      'ä'.repeat(128),
      null,
    ])
      for (const problem of [topicProblem(text), patternProblem(text)]) assert.match(problem ?? '', /must be/)
    for (const pattern of ['a*', '*a', '>.a', 'a>', '**'])
      assert.match(patternProblem(pattern) ?? '', /must be/, pattern)
  })
})

describe('who wants a topic', () => {
  it('is what each pattern by itself says, whatever was subscribed to before', () => {
    const word = fc.constantFrom('a', 'b', 'c')
    const topic = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join('.'))
    const pattern = fc
      .tuple(fc.array(fc.oneof(word, fc.constant('*')), { minLength: 1, maxLength: 3 }), fc.boolean())
      .map(([words, open]) => (open ? [...words, '>'] : words).join('.'))
    const change = fc.record({
      who: fc.constantFrom('x', 'y', 'z'),
      patterns: fc.uniqueArray(pattern),
      topic,
    })
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const interests = new Interests<string, readonly string[]>((found) => [...found].sort())
        const now = new Map<string, readonly string[]>()
        for (const { who, patterns, topic } of changes) {
          interests.set(who, patterns)
          now.set(who, patterns)
          const wanting = [...now].filter(([, list]) =>
            list.some((one) => matches(one.split('.'), topic.split('.'))),
          )
          assert.deepEqual(interests.of(topic), wanting.map(([name]) => name).sort())
          assert.deepEqual(new Set(interests.patterns), new Set([...now.values()].flat()))
          assert.equal(interests.size, [...now.values()].filter(({ length }) => length > 0).length)
        }
      }),
    )
  })

  it('is kept for some topics only, and asked once for each', () => {
    let asked = 0
    const interests = new Interests<string, number>(() => ++asked)
    interests.set('x', ['>'])
    assert.deepEqual([interests.of('a'), interests.of('a')], [1, 1])
    for (let at = 0; at < 1024; at++) interests.of(`t${at}`)
    assert.ok(interests.of('a') > 1)
    const before = asked
    interests.set('x', ['>'])
    interests.of('a')
    assert.equal(asked, before, 'nothing has changed')
  })
})
