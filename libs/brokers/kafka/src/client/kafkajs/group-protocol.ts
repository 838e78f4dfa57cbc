import { createRequire } from 'node:module';
import { commitMetadata, haveChanged, isOfFormerTopic, type TopicIds } from '../topic-identity.ts';
import { type SendingBroker, topicIdsOf } from './topic-ids.ts';

/** What a group member adds to the protocol of kafkajs, and its callbacks. */
export interface GroupMember {
  /** `group.instance.id`: a static member; null: a new member at each start. */
  readonly instance: string | null;
  readonly topics: readonly string[];
  /** The response to a join, and the ids of the topics at the first join of this member. */
  joined(memberId: string, generation: number, topicIds: TopicIds): void;
  /** A topic or a partition does not exist, or was recreated. */
  topicIsGone(): void;
}

interface Joining {
  readonly member: GroupMember;
  ids: TopicIds | null;
  lookedAt: number;
}

interface Offset {
  readonly partition: number;
  readonly offset: string;
  readonly metadata?: string | null;
}
interface OffsetsOf {
  readonly topic: string;
  readonly partitions: readonly Offset[];
}
type Call<Request = object, Answer = object> = (request: Request) => Promise<Answer>;
interface BrokerOfLibrary extends SendingBroker {
  readonly connectionPool: SendingBroker['connectionPool'] & { readonly clientId: string };
  lookupRequest(key: number, definition: object): (request: object) => object;
  joinGroup: Call<object, { readonly memberId: string; readonly generationId: number }>;
  syncGroup: Call;
  heartbeat: Call;
  fetch: Call;
  offsetFetch: Call<object, { readonly responses: readonly OffsetsOf[] }>;
  offsetCommit: Call<{ readonly topics: readonly OffsetsOf[] }>;
}

/** Interval of the check for topics that were deleted and recreated between two fetches. */
const lookEveryMs = 5_000;

const members = new Map<string, Joining>();
let patched = false;

/**
 * Makes the consumer of one client id a static member and reports its generation, because kafkajs can write
 * `group.instance.id` into its requests (KIP-345) but has no option for it. Reports deleted topics, because kafkajs
 * hides them and continues in a new topic of the same name at the old offset. Commits record the id of their topic, and
 * commits of a former topic are ignored. The returned function undoes this for the client id.
 */
export function addToGroupProtocol(clientId: string, member: GroupMember): () => void {
  if (!patched) patch();
  members.set(clientId, { member, ids: null, lookedAt: Number.NEGATIVE_INFINITY });
  return () => void members.delete(clientId);
}

function patch(): void {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/broker') as {
    prototype: BrokerOfLibrary;
  };
  patched = true;
  patchMembership(prototype);
  patchOffsets(prototype);
  const { fetch } = prototype;
  prototype.fetch = async function (request) {
    try {
      return await fetch.call(this, request);
    } catch (error) {
      const { type } = error as { type?: string };
      if (type === 'UNKNOWN_TOPIC_OR_PARTITION') joiningOf(this)?.member.topicIsGone();
      throw error;
    }
  };
}

function patchMembership(prototype: BrokerOfLibrary): void {
  const { joinGroup, syncGroup, heartbeat } = prototype;
  prototype.joinGroup = async function (request) {
    const joining = joiningOf(this);
    if (!joining) return joinGroup.call(this, request);
    const { member } = joining;
    const answer = await joinGroup.call(named(this, member.instance), request);
    joining.ids ??= await topicIdsOf(this, member.topics);
    member.joined(answer.memberId, answer.generationId, joining.ids);
    return answer;
  };
  prototype.syncGroup = async function (request) {
    const joining = joiningOf(this);
    return syncGroup.call(joining ? named(this, joining.member.instance) : this, request);
  };
  prototype.heartbeat = async function (request) {
    const joining = joiningOf(this);
    if (!joining) return heartbeat.call(this, request);
    const answer = await heartbeat.call(named(this, joining.member.instance), request);
    void lookAtTopics(this, joining).catch(() => undefined);
    return answer;
  };
}

function patchOffsets(prototype: BrokerOfLibrary): void {
  const { offsetFetch, offsetCommit } = prototype;
  prototype.offsetFetch = async function (request) {
    const answer = await offsetFetch.call(this, request);
    const ids = joiningOf(this)?.ids;
    if (!ids) return answer;
    const responses = answer.responses.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((each) =>
        isOfFormerTopic(each.metadata ?? null, ids.get(topic)) ? { ...each, offset: '-1' } : each,
      ),
    }));
    return { ...answer, responses };
  };
  prototype.offsetCommit = async function (request) {
    const ids = joiningOf(this)?.ids;
    if (!ids) return offsetCommit.call(this, request);
    const topics = request.topics.map(({ topic, partitions }) => {
      const id = ids.get(topic);
      const metadata = id === undefined ? null : commitMetadata(id);
      return { topic, partitions: partitions.map((each) => ({ ...each, metadata })) };
    });
    return offsetCommit.call(this, { ...request, topics });
  };
}

const joiningOf = ({ connectionPool }: BrokerOfLibrary): Joining | undefined =>
  members.get(connectionPool.clientId);

/** If a topic is deleted and recreated between two fetches, no fetch fails. */
async function lookAtTopics(broker: BrokerOfLibrary, joining: Joining): Promise<void> {
  const { member, ids } = joining;
  const now = performance.now();
  if (!ids || now - joining.lookedAt < lookEveryMs) return;
  joining.lookedAt = now;
  if (haveChanged(ids, await topicIdsOf(broker, member.topics))) member.topicIsGone();
}

/** The same connection, with the instance added to every request that it encodes. */
function named(broker: BrokerOfLibrary, groupInstanceId: string | null): BrokerOfLibrary {
  const lookupRequest: BrokerOfLibrary['lookupRequest'] = (key, definition) => {
    const encode = broker.lookupRequest(key, definition);
    return (request) => encode({ ...request, groupInstanceId });
  };
  return Object.create(broker, { lookupRequest: { value: lookupRequest } }) as BrokerOfLibrary;
}
