import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { MessagingStrategy } from '@waybill/messaging';
import { PORT } from './app.config.ts';
import { AppModule } from './app.module.ts';

const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter());
app.enableShutdownHooks();
app.connectMicroservice({ strategy: app.get(MessagingStrategy) });
await app.startAllMicroservices();
await app.listen(Number(PORT), '127.0.0.1');
