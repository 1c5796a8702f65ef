import { type Finding, fail } from './check.js'
import type { Probes } from './probes.js'

/** Where it ends, and what to do, if no handshake with an endpoint succeeds. */
export async function whyUnreachable(
  name: string,
  endpoint: string,
  haveKeys: boolean,
  probes: Pick<Probes, 'greet'>,
): Promise<Finding> {
  const result = await probes.greet(endpoint)
  switch (result.type) {
    case 'timeout':
      return fail(
        `${name}: a TCP connection to it gets no answer`,
        `A firewall drops it: let TCP in on that machine, all ports that the system picks for programs, or a fixed one (listen).`,
      )
    case 'silent':
      return fail(
        `${name}: TCP connects, and nothing answers`,
        'The process there is stopped, or a proxy or a small MTU on the way holds packets back: look at that machine.',
      )
    case 'no-zmtp':
      return fail(
        `${name}: another program answers there`,
        'The node has gone, or the seed or the forwarded port leads elsewhere: correct it.',
      )
    case 'failed':
      return failed(name, result.code)
    case 'greeted':
      return greeted(name, result.mechanism, haveKeys)
  }
}

function failed(name: string, code: string): Finding {
  switch (code) {
    case 'ECONNREFUSED':
      return fail(
        `${name}: nobody listens there (ECONNREFUSED)`,
        'The node has gone, and its record is stale; if it runs, compare its listen and advertise with this endpoint.',
      )
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
      return fail(
        `${name}: there is no way to that address (${code})`,
        'Use an address that this machine can reach (advertise), join the VPN, or look for a firewall that rejects; on macOS allow the terminal in Privacy & Security, Local Network.',
      )
    case 'EPERM':
    case 'EACCES':
      return fail(
        `${name}: this machine may not connect there (${code})`,
        'Let this process open TCP connections: look at the firewall, the sandbox or AppArmor of this machine.',
      )
    default:
      return fail(
        `${name}: no TCP connection can be made (${code})`,
        'Look at the network between the two machines.',
      )
  }
}

function greeted(name: string, mechanism: string, haveKeys: boolean): Finding {
  if (mechanism === 'CURVE' && !haveKeys) {
    return fail(
      `${name}: it has keys, and the doctor has none`,
      'Give keys that it allows: --keys <file>, or the option security.',
    )
  }
  if (mechanism !== 'CURVE' && haveKeys) {
    return fail(
      `${name}: it has no keys, and this network has`,
      'Give it keys, by the option security, or run it on a port of its own.',
    )
  }
  if (haveKeys) {
    return fail(
      `${name}: it does not let our key in, or it has another key than we think`,
      'Put our public key into its allow list, and its public key after "#" of the seed.',
    )
  }
  return fail(
    `${name}: TCP connects, and the handshake of ZeroMQ does not end`,
    'Something on the way holds packets back: look for a proxy, or lower the MTU.',
  )
}
