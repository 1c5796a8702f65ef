import { network } from '../options.js'
import { routing } from './routing.js'

/** The letters and names are curl's. */
export const callOptions = {
  request: { type: 'string', short: 'X', value: 'METHOD', help: 'the method; GET, or POST with --data' },
  header: { type: 'string', short: 'H', multiple: true, value: 'LINE', help: 'a header, "Name: value"' },
  data: {
    type: 'string',
    short: 'd',
    multiple: true,
    value: 'DATA',
    help: 'send this body; @FILE reads a file as it is, @- stdin; several are joined with &',
  },
  'upload-file': {
    type: 'string',
    short: 'T',
    value: 'FILE',
    help: 'send a file while it is read, by PUT; - is stdin',
  },
  head: { type: 'boolean', short: 'I', help: 'send HEAD, and print the head of the response' },
  include: { type: 'boolean', short: 'i', help: 'print the head of the response before its body' },
  verbose: {
    type: 'boolean',
    short: 'v',
    help: 'print instances, attempts, heads and times to stderr',
  },
  output: { type: 'string', short: 'o', value: 'FILE', help: 'write the body to a file; - is stdout' },
  silent: { type: 'boolean', short: 's', help: 'print no error' },
  'show-error': { type: 'boolean', short: 'S', help: 'print errors even with --silent' },
  fail: {
    type: 'boolean',
    short: 'f',
    help: 'print no body and exit with 22 if the status is 400 or higher',
  },
  location: { type: 'boolean', short: 'L', help: 'follow redirects within the network' },
  'write-out': {
    type: 'string',
    short: 'w',
    value: 'FORMAT',
    help: 'print this after the response, with %{http_code}, %{time_total}, %{instance} and others',
  },
  wait: {
    type: 'string',
    value: 'TIME',
    default: '5s',
    help: 'how long to wait for an instance of the service; 5s',
  },
  ...routing,
  ...network,
  timeout: { ...network.timeout, default: '30s', help: 'longest time to the head of the response; 30s' },
} as const
