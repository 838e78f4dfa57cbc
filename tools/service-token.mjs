/** `npm run --silent service-token`: a token of a service for five minutes, to call gRPC methods by hand. Needs a build. */
import process from 'node:process';
import { systemClock } from '@waybill/messaging';
import { ServiceTokens } from '@waybill/service';

const secret = process.env.SERVICE_SECRET || 'waybill-development-service-secret';
console.log(await new ServiceTokens('by-hand', secret, systemClock).issue());
