import { join } from 'node:path';
import type { Certificates } from '../certificates.ts';
import type { Place } from './server.ts';

/** Kafka stores users as salted hashes, but the broker's own password is in its configuration file. */
const plainLogin = (password: string): string =>
  'org.apache.kafka.common.security.plain.PlainLoginModule required ' +
  `username="admin" password="${password}" user_admin="${password}";`;

/** The configuration file of one KRaft node, which is both broker and controller. */
export function kafkaConfig(
  place: Pick<Place, 'folder' | 'ports' | 'secure' | 'users' | 'certificates'>,
): string {
  const { folder, ports, secure, certificates } = place;
  const inside = secure ? 'SASL_PLAINTEXT' : 'PLAINTEXT';
  const outside = certificates ? inside.replace('PLAINTEXT', 'SSL') : inside;
  const lines = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${ports['controller']}`,
    listeners: `CLIENTS://127.0.0.1:${ports['main']},CONTROLLER://127.0.0.1:${ports['controller']}`,
    'advertised.listeners': `CLIENTS://127.0.0.1:${ports['main']}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'CLIENTS',
    'listener.security.protocol.map': `CLIENTS:${outside},CONTROLLER:${inside}`,
    'log.dirs': join(folder, 'data'),
    'auto.create.topics.enable': false,
    'message.max.bytes': 16_777_216,
    'group.initial.rebalance.delay.ms': 0,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'log.retention.hours': 168,
    // How long a restarted node waits until its previous, killed session expires.
    'broker.session.timeout.ms': 4_000,
    'broker.heartbeat.interval.ms': 1_000,
    ...(certificates ? tlsOf(certificates) : {}),
    ...(secure ? securityOf(place.users.password('admin')) : {}),
  };
  return `${Object.entries(lines)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')}\n`;
}

const tlsOf = ({ ca, together }: Certificates): Record<string, string> => ({
  'ssl.keystore.type': 'PEM',
  'ssl.keystore.location': together,
  'ssl.truststore.type': 'PEM',
  'ssl.truststore.location': ca,
  'ssl.client.auth': 'none',
});

/** Clients log in by SCRAM, the node by a password in its file; what no ACL allows is denied. */
function securityOf(password: string): Record<string, string> {
  return {
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'sasl.mechanism.inter.broker.protocol': 'SCRAM-SHA-512',
    'sasl.mechanism.controller.protocol': 'PLAIN',
    'listener.name.clients.scram-sha-512.sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required ' +
      `username="admin" password="${password}";`,
    'listener.name.controller.sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.controller.plain.sasl.jaas.config': plainLogin(password),
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:admin',
    'allow.everyone.if.no.acl.found': 'false',
  };
}
