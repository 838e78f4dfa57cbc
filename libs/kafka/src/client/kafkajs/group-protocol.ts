import { createRequire } from 'node:module';

/** What a member of a group adds to the protocol of kafkajs, and hears of it. */
export interface GroupMember {
  /** `group.instance.id`: a static member; null: a new member at each start. */
  readonly instance: string | null;
  /** The answer to a join. */
  joined(memberId: string, generation: number): void;
  /** The answer to a fetch: a topic, or a partition, does not exist. */
  topicIsGone(): void;
}

type Call = (request: object) => Promise<object>;
interface BrokerOfLibrary {
  readonly connectionPool: { readonly clientId: string };
  lookupRequest(key: number, definition: object): (request: object) => object;
  joinGroup: Call;
  syncGroup: Call;
  heartbeat: Call;
  fetch: Call;
}

const members = new Map<string, GroupMember>();
let patched = false;

/**
 * Makes the consumer of one client id a static member, and tells its generation: kafkajs can write
 * `group.instance.id` into its requests (KIP-345) and has no option for it. Tells of topics that are gone as well: kafkajs
 * keeps that to itself, and reads a topic of the same name from where it was. The returned function ends that.
 */
export function addToGroupProtocol(clientId: string, member: GroupMember): () => void {
  if (!patched) patch();
  members.set(clientId, member);
  return () => void members.delete(clientId);
}

function patch(): void {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/broker') as {
    prototype: BrokerOfLibrary;
  };
  for (const name of ['joinGroup', 'syncGroup', 'heartbeat'] as const) {
    const original = prototype[name];
    prototype[name] = async function (this: BrokerOfLibrary, request) {
      const member = members.get(this.connectionPool.clientId);
      if (!member) return original.call(this, request);
      const answer = await original.call(named(this, member.instance), request);
      if (name === 'joinGroup') {
        const { memberId, generationId } = answer as { memberId: string; generationId: number };
        member.joined(memberId, generationId);
      }
      return answer;
    };
  }
  const { fetch } = prototype;
  prototype.fetch = async function (this: BrokerOfLibrary, request) {
    try {
      return await fetch.call(this, request);
    } catch (error) {
      const { type } = error as { type?: string };
      if (type === 'UNKNOWN_TOPIC_OR_PARTITION')
        members.get(this.connectionPool.clientId)?.topicIsGone();
      throw error;
    }
  };
  patched = true;
}

/** The same connection, which adds the instance to every request that it encodes. */
function named(broker: BrokerOfLibrary, groupInstanceId: string | null): BrokerOfLibrary {
  const lookupRequest: BrokerOfLibrary['lookupRequest'] = (key, definition) => {
    const encode = broker.lookupRequest(key, definition);
    return (request) => encode({ ...request, groupInstanceId });
  };
  return Object.create(broker, { lookupRequest: { value: lookupRequest } }) as BrokerOfLibrary;
}
