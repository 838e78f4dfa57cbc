import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { MessagingStrategy } from '@waybill/messaging';
import { GRPC_TRANSPORT, runService } from '@waybill/service';
import { CustomerModule } from './customer.module.ts';

void runService(CustomerModule, async ({ module, adapter, options, host, port, keep }) => {
  const app = keep(await NestFactory.create<NestFastifyApplication>(module, adapter, options));
  app.connectMicroservice({ strategy: app.get(MessagingStrategy) });
  app.connectMicroservice({ strategy: app.get(GRPC_TRANSPORT) });
  await app.init();
  await app.startAllMicroservices();
  await app.listen(port, host);
  return app;
});
