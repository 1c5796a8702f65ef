import assert from 'node:assert/strict'
import { it } from 'node:test'
import { readArguments } from '#src/arguments.js'

it('reads what is said, and leaves the rest to be asked for', () => {
  assert.deepEqual(readArguments([]), {
    help: false,
    name: undefined,
    framework: undefined,
    typescript: undefined,
  })
  assert.deepEqual(readArguments(['a-b', '--framework', 'koa', '--javascript']), {
    help: false,
    name: 'a-b',
    framework: 'koa',
    typescript: false,
  })
  assert.equal(readArguments(['--typescript']).typescript, true)
})

for (const [args, message] of [
  [['a', 'b'], /one name/],
  [['Name'], /no name for a service/],
  [['../a'], /no name for a service/],
  [['a-'], /no name for a service/],
  [['--framework', 'constructor'], /none of the frameworks/],
  [['--typescript', '--javascript'], /not both/],
  [['--nonsense'], /nonsense/],
] as const)
  it(`refuses ${args.join(' ')}`, () => {
    assert.throws(() => readArguments(args), { message })
  })
