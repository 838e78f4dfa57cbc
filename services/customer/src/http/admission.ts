import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { Caller } from '@waybill/http';
import { ServiceSettings } from '@waybill/service';
import type { Observable } from 'rxjs';
import { AdmitCustomer } from '../commands/admit-customer.ts';

/** Where another issuer signs customers in, the first call for the own account opens it. */
@Injectable()
export class Admission implements NestInterceptor {
  constructor(
    private readonly commands: CommandBus,
    private readonly settings: ServiceSettings,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const { caller } = context.switchToHttp().getRequest<{ readonly caller: Caller | null }>();
    if (caller && this.settings.access.issuer !== null)
      await this.commands.execute(new AdmitCustomer(caller, {}));
    return next.handle();
  }
}
