import 'reflect-metadata';
import { Controller, Get, Injectable } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';

@Injectable()
class Greeter {
  readonly greeting = 'hello';
}

@Controller()
class GreetingController {
  constructor(private readonly greeter: Greeter) {}

  @Get('greeting')
  read(): string {
    return this.greeter.greeting;
  }
}

describe('dependency injection', () => {
  it('finds what to inject by type, which needs the compiler to emit decorator metadata', async () => {
    const module = await Test.createTestingModule({
      controllers: [GreetingController],
      providers: [Greeter],
    }).compile();
    const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
    await app.init();

    const response = await app.inject({ url: '/greeting' });

    expect(response.body).toBe('hello');
    await app.close();
  });
});
