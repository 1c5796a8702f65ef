import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hearOurselves } from '#src/doctor/checks/hear-ourselves.js'
import type { Context } from '#src/doctor/context.js'
import { type Echo, echo, type Way } from '#src/doctor/echo.js'
import { keys, lines, loopback, network, probes, problem, settings, system, well } from './given.js'

const heard = (way: Way): Echo => ({ way, heard: true, error: undefined })
const lost = (way: Way, code?: string): Echo => ({
  way,
  heard: false,
  error: code === undefined ? undefined : Object.assign(new Error(code), { code }),
})

const run = (echoes: Echo[], platform: NodeJS.Platform = 'linux', on: Context['network'] = network) =>
  hearOurselves.run({
    system: system({ platform }),
    settings: settings(),
    network: on,
    probes: probes({ echo: async () => echoes }),
  } as Context)

describe('the check hear-ourselves', () => {
  test('hears itself on loopback, for real', async () => {
    assert.deepEqual(await echo(loopback, 23_122), [heard('loopback')])
    assert.deepEqual(await echo(loopback, 23_122, keys.publicKey), [heard('loopback')])
  })

  test('says nothing where the port can not be bound, or there is no network', async () => {
    const failing = probes({ echo: () => Promise.reject(new Error('EADDRINUSE')) })
    const context = { system: system(), settings: settings(), network, probes: failing } as Context
    assert.deepEqual(await hearOurselves.run(context), [])
    assert.deepEqual(await run([lost('broadcast')], 'linux', new Error('none')), [])
  })

  test('fails when neither broadcast nor multicast comes back, and warns when one does', async () => {
    const both = await run([lost('broadcast'), lost('multicast'), heard('loopback')])
    assert.deepEqual(
      both.map(({ status }) => status),
      ['ok', 'fail', 'fail'],
    )
    assert.equal(
      problem(await run([heard('broadcast'), lost('multicast'), heard('loopback')])).status,
      'warn',
    )
    well(await run([heard('broadcast'), heard('multicast'), heard('loopback')]))
  })

  test('fails when loopback does not work and nodes are on it, and else warns', async () => {
    assert.equal(problem(await run([lost('loopback')], 'linux', loopback)).status, 'fail')
    const found = problem(await run([heard('broadcast'), heard('multicast'), lost('loopback')]))
    assert.equal(found.status, 'warn')
    assert.match(found.remedy, /ip link set lo up/)
  })

  test('puts each error of the system into words', async () => {
    const words = {
      EPERM: /a firewall of this machine forbids it/,
      EACCES: /the system forbids it to this process/,
      EHOSTUNREACH: /there is no way there/,
      ENETUNREACH: /there is no route/,
      EADDRNOTAVAIL: /the address is not there/,
      ENODEV: /the interface does not support it/,
      EWHATEVER: /EWHATEVER/,
    }
    for (const [code, pattern] of Object.entries(words)) {
      const found = lines(await run([heard('broadcast'), lost('multicast', code)]))
      assert.match(found.join('\n'), pattern)
    }
  })

  test('has the remedy of each platform', async () => {
    const remedy = async (platform: NodeJS.Platform, code?: string) =>
      problem(await run([heard('broadcast'), lost('multicast', code)], platform)).remedy
    assert.match(await remedy('darwin', 'EHOSTUNREACH'), /Privacy & Security, Local Network/)
    assert.match(await remedy('win32'), /New-NetFirewallRule.*5670/)
    assert.match(await remedy('linux'), /ufw allow proto udp to any port 5670/)
    assert.match(await remedy('linux', 'ENODEV'), /multicast on/)
    assert.match(await remedy('linux', 'ENETUNREACH'), /ip rule/)
  })
})
