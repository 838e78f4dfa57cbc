import { Injectable } from '@nestjs/common';
import { ActivityEnriched, ActivityRecorded, type DataOf } from '@waybill/contracts';
import { Handles } from '@waybill/messaging';
import { count, stage } from '@waybill/streams';
import {
  customerProfiles,
  enrichedActivities,
  sessionActivities,
} from '../storage/pipeline.entities.ts';

type Recorded = DataOf<typeof ActivityRecorded>;
type Customer = DataOf<typeof ActivityEnriched>['customer'];
type Joined = Recorded & { readonly customer: Customer };

/** raw → enriched: each activity once, with its number in the session and the profile of its customer. */
@Injectable()
export class EnrichmentConsumer {
  @Handles()
  enrich() {
    return enrichment.from(ActivityRecorded, {
      key: ({ sessionId }) => sessionId,
      once: { table: enrichedActivities, id: ({ eventId }) => eventId },
      tables: ({ customerId }) => (customerId ? [customerProfiles.at(customerId)] : []),
      event: (activity, { read }): Joined => {
        const { customerId: id } = activity;
        if (id === undefined) return { ...activity, customer: null };
        const { locale = null, registeredAt = null } = read(customerProfiles.at(id)) ?? {};
        return { ...activity, customer: { id, locale, registeredAt } };
      },
    });
  }
}

const enrichment = stage(sessionActivities, {
  group: 'analytics.enrichment',
  process: count<Joined>(),
  publish: (outputs) =>
    outputs.map(({ event: { customerId: _, country = null, ...activity }, number }) =>
      ActivityEnriched({ ...activity, country, number }),
    ),
});
