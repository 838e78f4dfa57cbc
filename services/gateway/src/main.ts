import 'reflect-metadata';
import { runProcess } from '@waybill/resilience/process';
import { processEnvironment } from './gateway-process.config.ts';
import { runGateway } from './run-gateway.ts';

void runProcess('gateway', (life) => runGateway(processEnvironment(), life));
