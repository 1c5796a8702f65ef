/** Decorators as functions: the tests are compiled without them. */
export function method(
  target: object,
  name: string,
  decorators: ((...to: never[]) => void)[],
  parameters: ParameterDecorator[] = [],
): void {
  const descriptor = Object.getOwnPropertyDescriptor(target, name) as PropertyDescriptor
  for (const decorate of decorators) decorate(target as never, name as never, descriptor as never)
  for (const [index, decorate] of parameters.entries()) decorate(target, name, index)
}
