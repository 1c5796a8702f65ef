// To be loaded before a test and all that it imports: `node --import @sleuth/testing/register --test`.
import { installTestNetwork } from './default-network.js'

installTestNetwork()
