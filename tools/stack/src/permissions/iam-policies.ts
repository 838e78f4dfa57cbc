import { allContracts, channelOf } from '@waybill/contracts';
import type { Topology } from '@waybill/contracts/topology';
import { isOrdered, Names } from '@waybill/sns-sqs/names';
import { rightsOf } from './rights.ts';

/** One statement of an IAM policy. */
export interface IamStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

/** An IAM policy as AWS takes it. */
export interface IamPolicy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly IamStatement[];
}

/** Where the policies are; replace both by your own. */
const region = 'us-east-1';
const account = '000000000000';

/** What the adapter calls on a queue of its own group; the batch calls have the permissions of the single ones. */
const onQueues = [
  'sqs:ChangeMessageVisibility',
  'sqs:CreateQueue',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:GetQueueUrl',
  'sqs:ListQueueTags',
  'sqs:PurgeQueue',
  'sqs:ReceiveMessage',
  'sqs:SendMessage',
  'sqs:SetQueueAttributes',
  'sqs:TagQueue',
];

const channels = new Map(allContracts.map((contract) => [contract.type, channelOf(contract)]));
const carried = /\.(events|commands|replies|tasks|announcements|activity)$/;

/**
 * What a service may do at SNS and SQS, from its subscriptions and messages; null for one that uses neither. Live updates are
 * not in it, because their observers would have to read every topic: leave them on Redis.
 */
export function iamPolicyOf(service: string, topology: Topology): IamPolicy | null {
  const names = new Names();
  const { publishes, receives } = rightsOf(service, topology);
  const topics = (list: readonly string[]): string[] =>
    list.filter((each) => carried.test(each)).map((each) => arn('sns', names.topic(each)));
  const queues = topology.flatMap((group) => (group.service === service ? queuesOf(group) : []));
  const Statement = [
    allow('Publish', ['sns:CreateTopic', 'sns:Publish'], topics(publishes)),
    allow(
      'Subscribe',
      ['sns:CreateTopic', 'sns:ListSubscriptionsByTopic', 'sns:Subscribe'],
      topics(receives),
    ),
    // IAM does not restrict these two to a topic.
    allow(
      'OwnSubscriptions',
      ['sns:GetSubscriptionAttributes', 'sns:SetSubscriptionAttributes'],
      queues.length > 0 ? ['*'] : [],
    ),
    allow('OwnQueues', onQueues, queues),
  ].filter(({ Resource }) => Resource.length > 0);
  return Statement.length > 0 ? { Version: '2012-10-17', Statement } : null;
}

/** The queues of a group: its own, the one of dead messages, and those by which its replicas share it. */
function queuesOf({ group, subscribesTo }: Topology[number]): string[] {
  const [first] = subscribesTo.flatMap(({ type }) => {
    const channel = channels.get(type);
    return channel && carried.test(channel) ? [channel] : [];
  });
  if (!first) return [];
  const names = new Names();
  const fifo = isOrdered(first);
  const all = [
    names.queue(group, fifo),
    names.dead(group, fifo),
    names.owners(group),
    names.members(group),
  ];
  return all.map((name) => arn('sqs', name));
}

const arn = (of: 'sns' | 'sqs', name: string): string =>
  `arn:aws:${of}:${region}:${account}:${name}`;

const allow = (
  Sid: string,
  Action: readonly string[],
  resources: readonly string[],
): IamStatement => ({ Sid, Effect: 'Allow', Action, Resource: [...new Set(resources)].sort() });
