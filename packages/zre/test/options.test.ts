import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createNode, generateKeys, type NodeOptions, ZreError } from '@sleuth/zre'
import { checkHeaders, checkOptions, groupName, type OptionsInput } from '#src/options.js'
import { Nodes, present } from './support/nodes.js'

const LONG = 'é'.repeat(128)

/** The type that users read, and the schema, take the same. */
type Both<A extends B, B> = A
type Documented = Required<NodeOptions>
type Checked = Required<OptionsInput>
export type SameOptions = [Both<Documented, Checked>, Both<Checked, Documented>]

describe('options', () => {
  it('have these defaults', () => {
    const { headers, logger, ...settings } = checkOptions({}, {})
    assert.deepEqual(settings, {
      discovery: undefined,
      seeds: [],
      listen: {},
      advertise: undefined,
      networks: [],
      interface: undefined,
      port: 5670,
      name: undefined,
      groups: [],
      interval: 1000,
      evasive: 3000,
      expired: 5000,
      lost: 1500,
      isAwaited: undefined,
      isUse: undefined,
      introduced: undefined,
      maxPeers: 1024,
      maxMessageSize: 64 * 1024 * 1024,
      maxQueueSize: 64 * 1024 * 1024,
      security: undefined,
    })
    assert.deepEqual(headers('id'), {})
    logger.error({}, 'is silent')
  })

  it('are copied and frozen: what the caller does with theirs later changes nothing', () => {
    const options = { groups: ['one'], port: 1000 }
    const settings = checkOptions(options)
    options.groups.push('two')
    options.port = 2000
    assert.deepEqual([settings.groups, settings.port], [['one'], 1000])
    assert.ok(Object.isFrozen(settings) && Object.isFrozen(settings.groups))
  })

  it('undefined is the same as not given', () => {
    const keys = Object.keys(checkOptions({}))
    const options = Object.fromEntries(keys.map((key) => [key, undefined]))
    assert.equal(checkOptions(options).port, 5670)
  })

  const wrong: [option: string, value: unknown, right: string][] = [
    ['interface', 5, 'a string'],
    ['isAwaited', true, 'a function'],
    ['introduced', { count: () => 0 }, 'an object with count, knows and greets'],
    ['isUse', 'no', 'a function'],
    ['port', '5670', 'a whole number from 1 to 65535'],
    ['port', 0, 'from 1 to 65535'],
    ['port', 65_536, 'from 1 to 65535'],
    ['port', 1.5, 'a whole number'],
    ['port', Number.NaN, 'a whole number'],
    ['name', 7, 'a string'],
    ['name', LONG, 'at most 255 bytes'],
    ['headers', 'x', 'an object'],
    ['headers', null, 'an object'],
    ['groups', 'group', 'an array'],
    ['group', [''], 'a name of 1 to 255 bytes'],
    ['group', [LONG], 'at most 255 bytes'],
    ['group', [5], 'a string'],
    ['interval', 9, 'from 10 to 60000'],
    ['interval', Number.POSITIVE_INFINITY, 'a whole number'],
    ['evasive', -1, 'a whole number from 10'],
    ['expired', 3000, 'more than evasive (3000)'],
    ['lost', 299, 'a whole number from 300 to 600000'],
    ['maxPeers', 0, 'from 1 to 16384'],
    ['maxPeers', 16_385, 'from 1 to 16384'],
    ['maxMessageSize', 1023, 'from 1024'],
    ['maxQueueSize', 2 ** 31, 'to 2147483647'],
    ['logger', {}, 'a logger'],
    ['logger', console.log, 'a logger'],
  ]

  for (const [option, value, right] of wrong) {
    it(`${option}: ${inWords(value)} is wrong, and the error says what would be right`, async () => {
      const options = { [option === 'group' ? 'groups' : option]: value } as NodeOptions
      await assert.rejects(createNode(options), isWrong(option, right))
    })
  }

  it('headers: a value that is no string, by its name', () => {
    assert.throws(() => checkHeaders({ good: 'x', bad: 5 } as never), isWrong('headers.bad', 'a string'))
    assert.throws(() => checkHeaders({ [LONG]: 'x' }), isWrong('headers', 'at most 255 bytes'))
    const most = 128 * 1024
    assert.equal(checkHeaders({ x: 'v'.repeat(most - 6) }).size, 1)
    assert.throws(
      () => checkHeaders({ x: 'v'.repeat(most - 5) }),
      isWrong('headers', `at most ${most} bytes`),
    )
  })

  it('the most groups and headers that a node may have are known to others, and it joins no more', async () => {
    await using nodes = await Nodes.open()
    const names = Array.from({ length: 502 }, (_, index) => String(index).padEnd(255, 'g'))
    const headers = { x: 'v'.repeat(128 * 1024 - 6) }
    const keys = generateKeys()
    const security = { ...keys, allow: [keys.publicKey], proof: true }
    const node = await nodes.add({ name: 'n'.repeat(255), groups: names, headers, security })
    const other = await nodes.add({ security })
    assert.equal((await present(other, node.id)).groups.size, names.length)
    assert.throws(() => node.join('one more'.padEnd(255)), isWrong('groups', 'at most 130048 bytes'))
    node.join(names[0] as string)
    assert.throws(
      () => checkOptions({ groups: [...names, LONG.slice(1)] }),
      isWrong('groups', 'at most 130048'),
    )
  })

  it('headers from a function, too, and nothing stays open', async () => {
    await assert.rejects(
      createNode({ interface: 'loopback', headers: () => ({ x: 1 }) as never }),
      isWrong('headers.x', 'a string'),
    )
    await assert.rejects(
      createNode({ interface: 'loopback', headers: () => 5 as never }),
      isWrong('headers', 'an object'),
    )
  })

  it('more groups or headers than a peer takes', () => {
    const many = Array.from({ length: 4097 }, (_, index) => `g${index}`)
    assert.equal(checkOptions({ groups: many.slice(1) }).groups.length, 4096)
    assert.throws(() => checkOptions({ groups: many }), isWrong('groups', 'at most 4096'))
    const headers = (count: number) => Object.fromEntries(many.slice(0, count).map((name) => [name, '']))
    assert.equal(checkHeaders(headers(1024)).size, 1024)
    assert.throws(() => checkHeaders(headers(1025)), isWrong('headers', 'at most 1024'))
  })

  it('security: what is no object, and a `proof` that is neither true nor false', () => {
    const keys = generateKeys()
    const security = { ...keys, allow: [keys.publicKey] }
    assert.throws(() => checkOptions({ security: 5 as never }), isWrong('security', 'an object'))
    assert.throws(
      () => checkOptions({ security: { ...security, proof: 'yes' as never } }),
      isWrong('security.proof', 'true or false'),
    )
    assert.equal(checkOptions({ security }).security?.proof, false)
  })

  it('headers may be called __proto__', () => {
    const headers = checkHeaders(JSON.parse('{"__proto__":"x"}'))
    assert.deepEqual([...headers], [['__proto__', 'x']])
  })

  it('a group of 255 bytes is one', () => assert.equal(groupName('x'.repeat(255)).length, 255))
})

function isWrong(option: string, right: string) {
  return (error: ZreError): boolean => {
    assert.ok(error instanceof ZreError, String(error))
    assert.equal(error.code, 'ZRE_OPTION')
    assert.ok(error.message.startsWith(`${option} must be `), error.message)
    assert.ok(error.message.includes(right), error.message)
    return true
  }
}

function inWords(value: unknown): string {
  return typeof value === 'function' ? 'a function' : (JSON.stringify(value)?.slice(0, 20) ?? String(value))
}
