import { describe, expect, it } from '@jest/globals';
import { parseCommand, wordsOf } from './arguments.ts';

const parse = (line: string) => parseCommand(line.split(' '));

describe('a command line', () => {
  it('starts everything once, on the brokers of the environment and the usual ports', () => {
    expect(parse('start')).toEqual({
      action: 'start',
      target: null,
      replicas: new Map(),
      brokers: null,
      port: null,
      freePorts: false,
      data: null,
      follow: false,
    });
  });

  it('counts replicas, together or one by one', () => {
    const { replicas } = parse('start --replicas payment=3,order=2 --replicas shipping=1');
    expect([...replicas]).toEqual([
      ['payment', 3],
      ['order', 2],
      ['shipping', 1],
    ]);
  });

  it('names a service or one of its processes', () => {
    expect(parse('kill payment').target).toBe('payment');
    expect(parse('kill payment-2').target).toBe('payment-2');
    expect(parse('logs payment-provider -f')).toMatchObject({
      target: 'payment-provider',
      follow: true,
    });
  });

  it('takes the port of the environment, unless it names one', () => {
    expect(parseCommand(['start'], { PORT: '9000' }).port).toBe(9000);
    expect(parseCommand(['start', '--port', '0'], { PORT: '9000' }).port).toBe(0);
    expect(parseCommand(['start'], { PORT: '' }).port).toBeNull();
    expect(() => parseCommand(['start'], { PORT: 'http' })).toThrow(
      'PORT http: a port is a number',
    );
  });

  it('goes on to the processes that it starts, in whatever order it was written', () => {
    const command = parse(
      '--replicas payment=3,order=2 --data x start --port 0 --brokers kafka --free-ports',
    );
    expect(parseCommand(wordsOf(command, 'supervise'))).toEqual({
      ...command,
      action: 'supervise',
    });
    expect(wordsOf(parse('start'), 'prepare')).toEqual(['prepare']);
  });

  it.each([
    ['', /usage/],
    ['dance', /usage/],
    ['kill', /usage/],
    ['status order', /usage/],
    ['kill order payment', /usage/],
    ['kill pigeon', /no "pigeon": there are payment-provider, carriers, mail, order/],
    ['start --replicas gateway=2', /no service "gateway": there are order, inventory/],
    ['start --replicas payment', /1 to 9/],
    ['start --replicas payment=0', /1 to 9/],
    ['start --replicas payment=10', /1 to 9/],
    ['start --port eighty', /0 to 65535/],
    ['start --loudly', /loudly/],
  ])('is refused as %j, and says how it is meant', (line, says) => {
    expect(() => parse(line)).toThrow(says);
  });
});
