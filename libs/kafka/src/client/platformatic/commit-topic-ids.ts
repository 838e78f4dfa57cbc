import { commitMetadata, isOfFormerTopic, type TopicIds } from '../topic-identity.ts';
import { library } from './library.ts';

type Told = (error: Error | null, answer?: object) => void;
/** A request of the library; its last argument is told the answer. */
interface Api {
  (...all: unknown[]): void;
  readonly version: number;
}
type GetApi = (name: string, found: (error: Error | null, api?: Api) => void) => void;

/** What the library commits, and what it is told of it. */
interface Committing {
  readonly name: string;
  readonly partitions: readonly object[];
}
interface Committed {
  readonly groups: readonly { readonly topics: readonly CommittedTopic[] }[];
}
interface CommittedTopic {
  readonly name: string;
  readonly partitions: readonly {
    readonly committedOffset: bigint;
    readonly metadata: string | null;
  }[];
}

/**
 * Makes the commits of a consumer say of which topic they tell, for which the library has no option, and those of a former
 * topic be none.
 */
export async function commitTopicIds(consumer: object, ids: () => TopicIds): Promise<void> {
  const { kGetApi } = await library();
  const client = consumer as Record<symbol, GetApi>;
  const getApi = (client[kGetApi] as GetApi).bind(client);
  client[kGetApi] = (name, found) =>
    getApi(name, (error, api) => {
      if (api && name === 'OffsetCommit') found(error, saying(api, ids()));
      else if (api && name === 'OffsetFetch') found(error, leavingOut(api, ids()));
      else found(error, api);
    });
}

function saying(api: Api, ids: TopicIds): Api {
  const commit = (...all: unknown[]): void => {
    const topics = all.at(-2) as readonly Committing[];
    const said = topics.map(({ name, partitions }) => {
      const id = ids.get(name);
      const committedMetadata = id === undefined ? null : commitMetadata(id);
      return { name, partitions: partitions.map((each) => ({ ...each, committedMetadata })) };
    });
    api(...all.slice(0, -2), said, all.at(-1));
  };
  return Object.assign(commit, { version: api.version });
}

function leavingOut(api: Api, ids: TopicIds): Api {
  const fetch = (...all: unknown[]): void => {
    const told = all.at(-1) as Told;
    api(...all.slice(0, -1), (error: Error | null, answer?: Committed) => {
      told(
        error,
        answer && { ...answer, groups: answer.groups.map((group) => ofToday(group, ids)) },
      );
    });
  };
  return Object.assign(fetch, { version: api.version });
}

const ofToday = ({ topics, ...group }: Committed['groups'][number], ids: TopicIds) => ({
  ...group,
  topics: topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((each) =>
      isOfFormerTopic(each.metadata, ids.get(name)) ? { ...each, committedOffset: -1n } : each,
    ),
  })),
});
