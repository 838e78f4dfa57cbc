/** `npm run --silent service-token`: prints a service token, valid for five minutes, for calling gRPC methods by hand. */
import process from 'node:process';
import { bin, install, run } from './setup.mjs';

install();
run('tsc -b libs/http (what is needed to sign)', bin('tsc'), ['-b', 'libs/http']);
const { systemClock } = await import('@waybill/messaging');
const { ServiceTokens } = await import('@waybill/http');

const secret = process.env.SERVICE_SECRET || 'waybill-development-service-secret';
console.log(await new ServiceTokens('by-hand', secret, systemClock).issue());
