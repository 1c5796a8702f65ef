/** The templates are TypeScript. Without types they are JavaScript: of each form of a type, as they use it. */
export function javascriptOf(template: string): string {
  return template
    .replace(/^import type .*\n/gm, '')
    .replace(/<(?:\{[^}]*\} ?\}|void)>(?=\()/g, '')
    .replace(/ as Server\b/g, '')
    .replace(/: Server \| undefined/g, '')
    .replace(/\((port): number\)/g, '($1)')
    .replace(/\(options: Omit<[^>]*> = \{\}\)/g, '(options = {})')
}
