import { expect, it } from '@jest/globals';
import { Misuse, parseCommand } from './arguments.ts';
import { serverNames } from './server-name.ts';

it('means every server when none is named', () => {
  expect(parseCommand(['up']).servers).toEqual(serverNames);
  expect(parseCommand(['down', 'kafka', 'redis']).servers).toEqual(['kafka', 'redis']);
});

it('takes options from the command line, and else from the environment', () => {
  const env = { CI: 'true', STACK_PORTS: 'kafka=1,redis=2', STACK_DATA: '/a', STACK_CACHE: '/b' };
  const command = parseCommand(['up', '--port', 'redis=3', '--data', '/c', '--secure'], env);
  expect(command).toMatchObject({ install: true, data: '/c', cache: '/b', secure: true });
  expect([...command.ports]).toEqual([
    ['kafka', 1],
    ['redis', 3],
  ]);
  expect(parseCommand(['up'])).toMatchObject({ install: false, freePorts: false, follow: false });
});

it('takes the word behind env for a service', () => {
  expect(parseCommand(['env', 'order'])).toMatchObject({ service: 'order', servers: serverNames });
  expect(parseCommand(['env']).service).toBeUndefined();
});

it.each([
  [[], 'usage: '],
  [['fly'], 'usage: '],
  [['up', 'oracle'], 'no server "oracle": there are postgres, redis, rabbitmq, kafka, sns-sqs'],
  [['up', '--fast'], "Unknown option '--fast'"],
  [['up', '--port', 'kafka'], '"kafka" is not a port'],
])('does not guess what %j means', (words, message) => {
  expect(() => parseCommand(words)).toThrow(Misuse);
  expect(() => parseCommand(words)).toThrow(message);
});
