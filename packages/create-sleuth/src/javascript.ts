/** What the templates use of TypeScript, and what JavaScript has in its place. */
const plain: readonly (readonly [typed: string, plain: string])[] = [
  ['<{ Params: { name: string } }>', ''],
  [' as Server', ''],
  [': Server | undefined', ''],
  ['(port: number)', '(port)'],
  ["(options: Omit<SleuthOptions, 'handler'> = {})", '(options = {})'],
]

/** The templates are TypeScript. This makes JavaScript of one. */
export function javascriptOf(template: string): string {
  const lines = template.split('\n').filter((line) => !line.startsWith('import type '))
  return plain.reduce((text, [typed, untyped]) => text.replaceAll(typed, untyped), lines.join('\n'))
}
