import { defineCommand } from '../command.js'
import { network } from '../options.js'

const { timeout: _, ...joining } = network

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Find out why services do not meet, and what to do',
  usage: 'doctor [--pair WORD [address]]',
  options: {
    wait: { type: 'string', value: 'TIME', help: 'how long to listen to others; 3s, with --pair 30s' },
    ports: {
      type: 'string',
      value: 'LIST',
      default: '5670',
      help: 'further UDP ports to listen on, divided by commas; 5670',
    },
    pair: {
      type: 'string',
      value: 'WORD',
      help: 'compare with another machine, where the same command runs at the same time',
    },
    ...joining,
  },
  examples: [
    ['sleuth doctor', 'look at this machine and at everyone it hears'],
    ['sleuth doctor --seed tcp://10.0.0.5:5670 --wait 10s', 'and at a service beyond the subnet'],
    ['sleuth doctor --pair bear', 'on two machines at once: who hears whom, and by which way'],
    ['sleuth doctor --json > doctor.json', 'for a bug report'],
  ],
  run: async (args, io) => (await import('../doctor/command.js')).run(args, io),
})
