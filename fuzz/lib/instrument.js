import { parse } from 'acorn'
import MagicString from 'magic-string'

/** Shorter ones are found by chance, and longer ones are sentences for people. */
const WORD = /^[!-~]{2,24}$/

/**
 * Adds a counter to every block, branch and arm of a module: which of them an input ran, and how often, is what guides the
 * fuzzer. What the module compares with is mostly a literal in it, so those are gathered as words to try.
 */
export function instrument(code) {
  const out = new MagicString(code)
  const words = new Set()
  let counters = 0
  const counter = () => `__c[${counters++}]++`

  // What closes goes before what was put at the same place for an outer node.
  const block = (node) => out.appendRight(node.start + 1, `${counter()};`)
  const statement = (node) => {
    if (node.type === 'BlockStatement') return
    out.appendLeft(node.start, `{${counter()};`)
    out.prependRight(node.end, '}')
  }
  const expression = (node) => {
    out.appendLeft(node.start, `(${counter()},(`)
    out.prependRight(node.end, '))')
  }

  const visitors = {
    BlockStatement: block,
    IfStatement(node) {
      if (node.alternate) statement(node.alternate)
      else out.prependRight(node.end, ` else{${counter()};}`)
      statement(node.consequent)
    },
    ForStatement: (node) => statement(node.body),
    ForInStatement: (node) => statement(node.body),
    ForOfStatement: (node) => statement(node.body),
    WhileStatement: (node) => statement(node.body),
    DoWhileStatement: (node) => statement(node.body),
    SwitchCase(node) {
      const colon = code.indexOf(':', node.test?.end ?? node.start)
      out.appendRight(colon + 1, `${counter()};`)
    },
    ArrowFunctionExpression: (node) => node.expression && expression(node.body),
    ConditionalExpression(node) {
      expression(node.consequent)
      expression(node.alternate)
    },
    LogicalExpression: (node) => expression(node.right),
    Literal(node) {
      if (typeof node.value === 'string' && WORD.test(node.value)) words.add(node.value)
    },
  }

  const walk = (node) => {
    visitors[node.type]?.(node)
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) {
        if (typeof child?.type === 'string') walk(child)
      }
    }
  }
  walk(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }))

  const head = `const __c = globalThis.__fuzzed(import.meta.url, ${counters}, ${JSON.stringify([...words])});`
  return `${head}${out}`
}
