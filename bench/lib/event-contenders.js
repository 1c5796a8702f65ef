import { createSleuth } from '@sleuth/core'
import cote from 'cote'
import moleculer from 'moleculer'
import { moleculerNodes } from './moleculer.js'

const TOPIC = 'n'

/** `subscribe` makes so many subscribers, and `emitter` what emits to all of them. Both resolve when they are known to each other. */
export const eventContenders = {
  sleuth: {
    async subscribe({ port, subscribers, came }) {
      const join = async () => {
        const sleuth = await createSleuth({ port })
        sleuth.subscribe(TOPIC, came)
        return () => sleuth.close()
      }
      return Promise.all(Array.from({ length: subscribers }, join))
    },
    async emitter({ port, subscribers }) {
      const sleuth = await createSleuth({ port })
      const emit = (data) => sleuth.emit(TOPIC, data, { to: 'all' })
      while ((await emit({})) < subscribers) await new Promise((resolve) => setTimeout(resolve, 20))
      return { emit, close: () => sleuth.close() }
    },
  },

  moleculer: {
    async subscribe({ port, subscribers, came }) {
      const join = async (_, at) => {
        const broker = new moleculer.ServiceBroker(moleculerNodes(port, 1 + subscribers)[1 + at])
        broker.createService({ name: `subscriber-${at}`, events: { [TOPIC]: came } })
        await broker.start()
        return () => broker.stop()
      }
      return Promise.all(Array.from({ length: subscribers }, join))
    },
    async emitter({ port, subscribers }) {
      const broker = new moleculer.ServiceBroker(moleculerNodes(port, 1 + subscribers)[0])
      await broker.start()
      await broker.waitForServices(Array.from({ length: subscribers }, (_, at) => `subscriber-${at}`))
      return { emit: (data) => broker.broadcast(TOPIC, data), close: () => broker.stop() }
    },
  },

  cote: {
    async subscribe({ port, subscribers, came }) {
      return Array.from({ length: subscribers }, (_, at) => {
        const subscriber = new cote.Subscriber({ name: `s${at}`, subscribesTo: [TOPIC] }, networkOf(port))
        subscriber.on(TOPIC, came)
        return () => subscriber.close()
      })
    },
    async emitter({ port, subscribers }) {
      const publisher = new cote.Publisher({ name: 'p', broadcasts: [TOPIC] }, networkOf(port))
      const { sock } = publisher.sock
      while (sock.socks.length < subscribers) await new Promise((resolve) => setTimeout(resolve, 20))
      let emitted = 0
      return {
        // It does not say when more may follow.
        async emit(data) {
          publisher.publish(TOPIC, data)
          if (++emitted % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
        },
        close: () => publisher.close(),
      }
    },
  },
}

function networkOf(port) {
  return { broadcast: '127.255.255.255', port, log: false }
}
