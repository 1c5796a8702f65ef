// Moleculer over its TCP transporter, told by address where the other is: no UDP. Arguments: UDP port (unused), TCP port.
import moleculer from 'moleculer'
import { serve } from '../lib/echo.js'
import { moleculerOptions } from '../lib/moleculer.js'

const broker = new moleculer.ServiceBroker(moleculerOptions('server', Number(process.argv[2])))
broker.createService({ name: 'echo', actions: { echo: ({ params }) => params.body } })
await broker.start()
serve({}, () => broker.stop())
