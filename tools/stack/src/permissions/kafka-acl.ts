import { letRequestQueuesRest } from '@waybill/kafka';
import kafkajs, {
  type AclEntry,
  type AclOperationTypes,
  type AclResourceTypes,
  type KafkaConfig,
  type ResourcePatternTypes,
} from 'kafkajs';
import type { Users } from '../users.ts';
import { type Rights, rightsOf } from './rights.ts';

const { READ, WRITE, CREATE, DESCRIBE } = kafkajs.AclOperationTypes;
const { LITERAL, PREFIXED } = kafkajs.ResourcePatternTypes;
const { TOPIC, GROUP } = kafkajs.AclResourceTypes;
const { ALLOW } = kafkajs.AclPermissionTypes;

/** Allows the user of each service the topics and groups that it needs; it creates no users and removes no rules. */
export async function admitToKafka(
  config: KafkaConfig,
  { services, topology }: Pick<Users, 'services' | 'topology'>,
): Promise<void> {
  letRequestQueuesRest();
  const admin = new kafkajs.Kafka(config).admin();
  await admin.connect();
  try {
    const acl = services.flatMap((service) => aclOf(service, rightsOf(service, topology)));
    await admin.createAcls({ acl });
  } finally {
    await admin.disconnect();
  }
}

/** The access rules of a service: it may list all topics, and read and write only its own. */
export function aclOf(service: string, rights: Rights): AclEntry[] {
  const { publishes, unsubscribed, updates, receives } = rights;
  const topics = (names: readonly string[], ...operations: AclOperationTypes[]): AclEntry[] =>
    names.flatMap((name) =>
      operations.map((operation) => allow(service, TOPIC, LITERAL, name, operation)),
    );
  return [
    ...topics(['*'], DESCRIBE),
    ...topics(publishes, WRITE),
    ...topics(unsubscribed, CREATE),
    ...topics(updates, READ),
    ...topics(receives, READ),
    allow(service, GROUP, LITERAL, service, READ),
    allow(service, GROUP, PREFIXED, `${service}.`, READ),
  ];
}

const allow = (
  service: string,
  resourceType: AclResourceTypes,
  resourcePatternType: ResourcePatternTypes,
  resourceName: string,
  operation: AclOperationTypes,
): AclEntry => ({
  principal: `User:${service}`,
  host: '*',
  permissionType: ALLOW,
  resourceType,
  resourcePatternType,
  resourceName,
  operation,
});
