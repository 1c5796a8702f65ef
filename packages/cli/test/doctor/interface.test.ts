import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { chooseNetwork, type InterfaceTable } from '@sleuth/zre/diagnostics'
import { networkInterface } from '#src/doctor/checks/interface.js'
import type { Context } from '#src/doctor/context.js'
import { ipv4, lines, problem, settings, system, well } from './given.js'

const lo = ipv4('127.0.0.1', '255.0.0.0', true)
const ROUTE = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n'
const via = (name: string, metric = 0) =>
  `${name}\t00000000\t0100000A\t0003\t0\t0\t${metric}\t00000000\t0\t0\t0\n`

/** As `doctor` chooses: by the library's own function. */
function run(
  table: InterfaceTable,
  { asked, routes = '', seeds = [] as string[] }: { asked?: string; routes?: string; seeds?: string[] } = {},
) {
  const preference = { value: asked, source: 'SLEUTH_INTERFACE' }
  let network: Context['network']
  try {
    network = chooseNetwork(preference, table)
  } catch (error) {
    network = error as Error
  }
  return networkInterface.run({
    system: system({ interfaces: () => table, files: { '/proc/net/route': ROUTE + routes } }),
    settings: settings({ preference, seeds }),
    network,
  } as Context)
}

describe('the check interface', () => {
  test('says which and why', async () => {
    assert.deepEqual(well(await run({ lo: [lo], eth0: [ipv4('10.0.0.7')] })), [
      'eth0 (10.0.0.7) is used: the first that can broadcast',
    ])
    assert.deepEqual(well(await run({ eth0: [ipv4('10.0.0.7')] }, { asked: 'eth0' })), [
      'eth0 (10.0.0.7) is used, as SLEUTH_INTERFACE says',
    ])
  })

  test('fails for one that does not exist', async () => {
    const found = problem(await run({ eth0: [ipv4('10.0.0.7')] }, { asked: 'eth7' }))
    assert.equal(found.status, 'fail')
    assert.match(found.text, /eth0 \(10\.0\.0\.7\)/)
  })

  test('warns when others would do as well', async () => {
    const found = problem(await run({ eth0: [ipv4('10.0.0.7')], wlan0: [ipv4('192.168.1.7')] }))
    assert.match(found.text, /wlan0 \(192\.168\.1\.7\) would do as well/)
    assert.match(found.remedy, /SLEUTH_INTERFACE/)
  })

  test('warns of a bridge of containers, of a self-assigned address, and of a VPN that is asked for', async () => {
    assert.match(problem(await run({ docker0: [ipv4('172.17.0.1')] })).text, /containers/)
    assert.match(problem(await run({ en0: [ipv4('169.254.4.5')] })).text, /self-assigned/)
    const table = { tailscale0: [ipv4('100.64.0.7', '255.255.255.255')] }
    assert.match(problem(await run(table, { asked: 'tailscale0' })).text, /carries no broadcast/)
    well(await run(table, { asked: 'tailscale0', seeds: ['dns://other:5670'] }))
    assert.match(
      problem(await run({ eth9: [ipv4('10.0.0.0', '255.255.255.254')] }, { asked: 'eth9' })).text,
      /point-to-point/,
    )
  })

  test('fails on loopback that nobody asked for, and says what is left out', async () => {
    const found = problem(await run({ lo: [lo], wg0: [ipv4('10.8.0.2')] }))
    assert.equal(found.status, 'fail')
    assert.match(found.text, /on loopback.*wg0 \(10\.8\.0\.2\) can't broadcast/)
    assert.match(problem(await run({ lo: [lo] })).text, /no other interface/)
    well(await run({ lo: [lo] }, { asked: 'loopback' }))
    const info = {
      address: '2001:db8::7',
      netmask: '',
      family: 'IPv6' as const,
      mac: '',
      internal: false,
      cidr: null,
      scopeid: 0,
    }
    assert.match(problem(await run({ lo: [lo], eth0: [info] })).text, /IPv6 alone \(2001:db8::7\)/)
  })

  test('names what is not used, and why', async () => {
    const texts = lines(
      await run({ eth0: [ipv4('10.0.0.7')], docker0: [ipv4('172.17.0.1')], utun4: [ipv4('10.8.0.2')] }),
    )
    assert.match(texts.join('\n'), /ok: docker0 \(172\.17\.0\.1\) is not used: .*containers/)
    assert.match(texts.join('\n'), /ok: utun4 \(10\.8\.0\.2\) is not used: it is a VPN/)
  })

  test('warns when all traffic goes through a VPN, or through another interface', async () => {
    const table = { eth0: [ipv4('10.0.0.7')], tun0: [ipv4('10.8.0.2', '255.255.255.255')] }
    assert.match(problem(await run(table, { routes: via('eth0', 100) + via('tun0', 50) })).text, /VPN tun0/)
    well(await run(table, { routes: via('eth0', 100) + via('tun0', 600) }))
    const two = { eth0: [ipv4('10.0.0.7')], eth1: [ipv4('10.1.0.7')] }
    const texts = lines(await run(two, { asked: 'eth0', routes: via('eth1') }))
    assert.match(texts.join('\n'), /warn: eth0 is used, and the way to other networks is eth1/)
  })

  test("reads macOS' route", async () => {
    const table = { en0: [ipv4('10.0.0.7')], utun4: [ipv4('10.8.0.2', '255.255.255.255')] }
    const findings = await networkInterface.run({
      system: system({
        platform: 'darwin',
        interfaces: () => table,
        programs: { 'route -n get default': '  interface: utun4\n' },
      }),
      settings: settings(),
      network: chooseNetwork({ value: undefined, source: '' }, table),
    } as Context)
    assert.match(problem(findings).text, /VPN utun4/)
  })
})
