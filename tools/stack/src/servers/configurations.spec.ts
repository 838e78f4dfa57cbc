import { expect, it } from '@jest/globals';
import { kafkaConfig } from './kafka-config.ts';
import { rabbitmqConfig, rabbitmqEnvironment } from './rabbitmq-config.ts';
import { redisConfig } from './redis.ts';

const users = { services: [], withDatabase: [], topology: [], password: () => 'secret' };
const place = {
  folder: '/data/x',
  ports: { main: 1, controller: 2, management: 3, distribution: 4, epmd: 5 },
  users,
};

it('lets Redis listen on this machine only, and keep its data in its folder', () => {
  const lines = redisConfig(place).split('\n');
  expect(lines).toContain('bind 127.0.0.1');
  expect(lines).toContain('port 1');
  expect(lines).toContain('dir "/data/x/data"');
});

it('lets every port of RabbitMQ listen on this machine only, with an epmd of its own', () => {
  const text = rabbitmqConfig(place);
  expect(text).toContain('listeners.tcp.1 = 127.0.0.1:1\n');
  expect(text).toContain('management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = 3\n');
  expect(rabbitmqEnvironment(place)).toMatchObject({
    RABBITMQ_DIST_PORT: '4',
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    ERL_EPMD_PORT: '5',
    ERL_EPMD_ADDRESS: '127.0.0.1',
  });
});

it('lets both listeners of Kafka listen on this machine only, and makes no topic by itself', () => {
  const lines = kafkaConfig({ ...place, secure: false }).split('\n');
  expect(lines).toContain('listeners=CLIENTS://127.0.0.1:1,CONTROLLER://127.0.0.1:2');
  expect(lines).toContain('listener.security.protocol.map=CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT');
  expect(lines).toContain('auto.create.topics.enable=false');
  expect(lines.some((line) => line.includes('sasl'))).toBe(false);
});

it('leaves no port for clients without TLS where they come by TLS', () => {
  const certificates = { ca: '/ca', certificate: '/crt', key: '/key', together: '/pem' };
  expect(redisConfig({ ...place, certificates })).toContain('port 0\ntls-port 1\n');
  expect(rabbitmqConfig({ ...place, certificates })).toContain(
    'listeners.tcp = none\nlisteners.ssl.1 = 127.0.0.1:1\n',
  );
  const kafka = (secure: boolean) => kafkaConfig({ ...place, secure, certificates }).split('\n');
  expect(kafka(false)).toContain('listener.security.protocol.map=CLIENTS:SSL,CONTROLLER:PLAINTEXT');
  expect(kafka(true)).toContain(
    'listener.security.protocol.map=CLIENTS:SASL_SSL,CONTROLLER:SASL_PLAINTEXT',
  );
});

it('asks for a user on both listeners of a secure Kafka, and allows what an ACL allows', () => {
  const lines = kafkaConfig({ ...place, secure: true }).split('\n');
  expect(lines).toContain(
    'listener.security.protocol.map=CLIENTS:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT',
  );
  expect(lines).toContain('super.users=User:admin');
  expect(lines).toContain('allow.everyone.if.no.acl.found=false');
});
