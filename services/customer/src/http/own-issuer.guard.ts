import { type CanActivate, Injectable } from '@nestjs/common';
import { Problem } from '@waybill/http';
import { ServiceSettings } from '@waybill/service';

/** Where another issuer signs customers in, the routes of our own are not there. */
@Injectable()
export class OwnIssuerGuard implements CanActivate {
  constructor(private readonly settings: ServiceSettings) {}

  canActivate(): boolean {
    if (this.settings.access.issuer === null) return true;
    throw new Problem(404, 'not_found', 'there is nothing at this path');
  }
}
