import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { container } from '#src/doctor/checks/container.js'
import { wifi } from '#src/doctor/checks/wifi.js'
import { wsl } from '#src/doctor/checks/wsl.js'
import type { Context } from '#src/doctor/context.js'
import { heard, ipv4, loopback, mesh, network, peer, problem, settings, system, well } from './given.js'

describe('the check container', () => {
  const run = (given: Parameters<typeof system>[0], seeds: string[] = [], parts: Partial<Context> = {}) =>
    container.run({ system: system(given), settings: settings({ seeds }), network, ...parts } as Context)
  const docker = {
    '/.dockerenv': '',
    '/etc/resolv.conf': 'nameserver 127.0.0.11\n',
    '/sys/class/net/eth0/mtu': '1500\n',
  }
  const swarm = { ...docker, '/sys/class/net/eth0/mtu': '1450\n' }

  test('says nothing outside of one, and on other systems', async () => {
    assert.deepEqual(await run({ files: { '/proc/1/cgroup': '0::/init.scope\n' } }), [])
    assert.deepEqual(await run({ platform: 'darwin', files: docker }), [])
  })

  test('warns in a pod without seeds, and names what to set', async () => {
    for (const pod of [
      { env: { KUBERNETES_SERVICE_HOST: '10.96.0.1' } },
      { files: { '/proc/1/cgroup': '0::/kubepods/besteffort/pod1\n' } },
    ]) {
      assert.match(problem(await run(pod)).remedy, /headless Service.*SLEUTH_SEEDS=dns:/)
      well(await run(pod, ['dns://sleuth:5670']))
    }
  })

  test('warns on an overlay network of Swarm without seeds', async () => {
    assert.match(problem(await run({ files: swarm })).remedy, /dns:\/\/tasks\./)
    well(await run({ files: swarm }, ['dns://tasks.api:5670']))
  })

  test('tells a bridge of Compose, that of Podman, the network of the host and loopback apart', async () => {
    const text = async (...args: Parameters<typeof run>) => well(await run(...args)).join()
    assert.match(await text({ files: docker }), /Docker on a bridge of its own \(Compose\).*SLEUTH_SEEDS/)
    assert.match(await text({ files: { '/run/.containerenv': '' } }), /Podman on a bridge:/)
    assert.match(await text({ files: { '/proc/1/cgroup': '1:name=systemd:/lxc/a' } }), /Lxc/)
    const interfaces = () => ({ eth0: [ipv4('10.0.0.7')], docker0: [ipv4('172.17.0.1')] })
    assert.match(await text({ files: docker, interfaces }), /on the network of its host/)
    assert.match(await text({ files: docker }, [], { network: loopback }), /its loopback/)
  })
})

describe('the check wsl', () => {
  const run = (version: string, programs = {}) =>
    wsl.run({ system: system({ files: { '/proc/version': version }, programs }) } as Context)
  const two = 'Linux version 5.15.153.1-microsoft-standard-WSL2'

  test('says nothing elsewhere', async () => {
    assert.deepEqual(await run('Linux version 6.1.0-18-amd64'), [])
  })

  test('warns behind NAT, whether it is told or not, and of WSL 1', async () => {
    assert.match(
      problem(await run(two, { 'wslinfo --networking-mode': 'nat\n' })).text,
      /networking mode nat/,
    )
    assert.match(problem(await run(two)).remedy, /networkingMode=mirrored/)
    assert.match(problem(await run('Linux version 4.4.0-19041-Microsoft')).text, /WSL 1/)
    well(await run(two, { 'wslinfo --networking-mode': 'mirrored\n' }))
  })
})

describe('the check wifi', () => {
  const ARP = 'IP address HW type Flags HW address Mask Device\n'
  const entry = (address: string, flags = '0x2') => `${address} 0x1 ${flags} 02:00:00:00:00:01 * wlan0\n`
  const files = (arp: string) => ({
    '/proc/net/wireless': 'Inter-| sta-|\n wlan0: 0000   70.\n',
    '/proc/net/route': 'Iface\nwlan0\t00000000\t0100000A\t0003\t0\t0\t600\t00000000\n',
    '/proc/net/arp': ARP + arp,
  })
  const wlan = { ...network, name: 'wlan0' }
  const run = (arp: string, parts: Partial<Context> = {}) =>
    wifi.run({
      system: system({ files: files(arp) }),
      network: wlan,
      mesh: mesh([]),
      heard: heard(),
      ...parts,
    } as Context)

  test('warns when the router answers and nobody else ever did', async () => {
    assert.match(problem(await run(entry('10.0.0.1') + entry('10.0.0.9', '0x0'))).text, /no other machine/)
  })

  test('says nothing when others are there, when the router does not answer, and without Wi-Fi', async () => {
    assert.deepEqual(await run(entry('10.0.0.1') + entry('10.0.0.9')), [])
    assert.deepEqual(await run(entry('10.0.0.1', '0x0')), [])
    assert.deepEqual(await run(entry('10.0.0.1'), { mesh: mesh([peer()]) }), [])
    assert.deepEqual(await run(entry('10.0.0.1'), { network }), [])
  })

  test('knows the Wi-Fi of macOS', async () => {
    const programs = {
      'networksetup -listallhardwareports': 'Hardware Port: Wi-Fi\nDevice: wlan0\nEthernet Address: 02\n',
      'route -n get default': 'gateway: 10.0.0.1\ninterface: wlan0\n',
      'arp -an': '? (10.0.0.1) at 2:0:0:0:0:1 on wlan0\n? (10.0.0.9) at (incomplete) on wlan0\n',
    }
    const given = system({ platform: 'darwin', programs })
    problem(await wifi.run({ system: given, network: wlan, mesh: mesh([]), heard: heard() } as Context))
  })
})
