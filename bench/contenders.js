import { createSleuth } from '@sleuth/core'
import cote from 'cote'
import moleculer from 'moleculer'
import { Pool } from 'undici'
import { moleculerOptions } from './lib/moleculer.js'
import { rawBatched, rawSingle } from './lib/raw.js'

const headers = { 'content-type': 'application/octet-stream' }

/** Each opens what it needs, and gives a call that sends a body and resolves to the length of the answer's. */
export const contenders = {
  'sleuth request': (options) => sleuthRequest(options, 2),
  'sleuth request, wire 1': (options) => sleuthRequest(options, 1),

  async 'sleuth do'(options) {
    const sleuth = await join(options, 2)
    return {
      async call(body) {
        const response = await sleuth.do('sleuth://echo/echo', { method: 'POST', headers, body })
        return (await response.arrayBuffer()).byteLength
      },
      close: () => sleuth.close(),
    }
  },

  /** The body goes one way only, and neither end reads it a second time. */
  async 'sleuth up'(options) {
    const sleuth = await join(options, 2)
    return {
      call: (body) => sleuth.request('sleuth://echo/', { method: 'POST', headers, body }),
      close: () => sleuth.close(),
    }
  },

  async 'sleuth down'(options) {
    const sleuth = await join(options, 2)
    return {
      call: (body) => sleuth.request(`sleuth://echo/${body.length}`),
      close: () => sleuth.close(),
    }
  },

  async 'undici request'({ httpPort, callers }) {
    const pool = new Pool(`http://127.0.0.1:${httpPort}`, { connections: callers })
    return {
      async call(body) {
        const response = await pool.request({ method: 'POST', path: '/echo', headers, body })
        return (await response.body.arrayBuffer()).byteLength
      },
      close: () => pool.close(),
    }
  },

  async 'global fetch'({ httpPort }) {
    return {
      async call(body) {
        const response = await fetch(`http://127.0.0.1:${httpPort}/echo`, { method: 'POST', headers, body })
        return (await response.arrayBuffer()).byteLength
      },
      close: async () => {},
    }
  },

  async cote({ udpPort }) {
    const network = { broadcast: '127.255.255.255', port: udpPort, log: false }
    const requester = new cote.Requester({ name: 'caller' }, network)
    const text = (body) => body.toString('latin1')
    await requester.send({ type: 'echo', body: 'first' })
    return {
      call: async (body) => (await requester.send({ type: 'echo', body: text(body) })).length,
      close: async () => requester.close(),
    }
  },

  async moleculer({ udpPort }) {
    const broker = new moleculer.ServiceBroker(moleculerOptions('client', udpPort))
    await broker.start()
    await broker.waitForServices('echo')
    return {
      call: async (body) => (await broker.call('echo.echo', { body: body.toString('latin1') })).length,
      close: () => broker.stop(),
    }
  },

  'raw zeromq': ({ endpoint }) => rawSingle(endpoint),
  'raw zeromq, batched': ({ endpoint }) => rawBatched(endpoint),
}

async function sleuthRequest(options, wire) {
  const sleuth = await join(options, wire)
  return {
    async call(body) {
      const response = await sleuth.request('sleuth://echo/echo', { method: 'POST', headers, body })
      return response.body.length
    },
    close: () => sleuth.close(),
  }
}

async function join({ udpPort, security }, wire) {
  const options = { interface: 'loopback', port: udpPort, timeout: 10_000, wire, security }
  const sleuth = await createSleuth(options)
  await sleuth.waitFor('echo')
  return sleuth
}
