import { isLabel } from '../shared/names.js'

/** Stands for one word of a topic. */
const ANY_WORD = '*'
/** At the end of a pattern it stands for one word and more. */
const ANY_REST = '>'

const syntax = 'words with dots between them, such as "order.created", of at most 255 bytes in all'

/** Why a value can't be the topic of an event. Undefined for one that can. */
export function topicProblem(topic: unknown): string | undefined {
  const isTopic = typeof topic === 'string' && areWords(topic) && topic.split('.').every(isPlainWord)
  return isTopic ? undefined : `must be a topic: ${syntax}, without spaces, "*" and ">"`
}

/** Why a value can't be a pattern of topics. Undefined for one that can. */
export function patternProblem(pattern: unknown): string | undefined {
  const isPattern =
    typeof pattern === 'string' &&
    areWords(pattern) &&
    pattern
      .split('.')
      .every(
        (word, at, { length }) =>
          word === ANY_WORD || (word === ANY_REST && at === length - 1) || isPlainWord(word),
      )
  return isPattern
    ? undefined
    : `must be a topic, or a pattern of topics: ${syntax}; "*" stands for one word, and ">" at the end for one or more`
}

function areWords(text: string): boolean {
  return isLabel(text) && !/\s/u.test(text)
}

function isPlainWord(word: string): boolean {
  return word !== '' && !word.includes(ANY_WORD) && !word.includes(ANY_REST)
}

/** Whether a pattern stands for more than one topic. */
export function isWild(pattern: string): boolean {
  return pattern.includes(ANY_WORD) || pattern.includes(ANY_REST)
}

/** Whether a pattern stands for a topic. Both are divided at their dots. */
export function matches(pattern: readonly string[], topic: readonly string[]): boolean {
  for (const [at, word] of pattern.entries()) {
    if (word === ANY_REST) return topic.length > at
    if (at >= topic.length || (word !== ANY_WORD && word !== topic[at])) return false
  }
  return pattern.length === topic.length
}
