// An OpenID provider that is certified for what it does, with people whose nationality it has verified.
//
// It is careless in one way: it tells name, birth date and document number to whoever asks for nationality.
// Plan: now, gateway, secret (of the client `gate`), keys (names; the first one signs), people (claims by login).
// Answers: {"keys": [...]} rotates, {"asked": PATH} tells how often a path was asked for.

import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { load, run } from './peer.mjs';

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
const HOUR = 3600;

const made = new Map();

/** Private keys by name, each made once. */
function keySet(names) {
  const key = (kid) => {
    if (!made.has(kid)) {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      made.set(kid, { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' });
    }
    return made.get(kid);
  };
  return { keys: names.map(key) };
}

function verified({ document_number, ...claims }) {
  const evidence = [{ type: 'document', document_details: { type: 'passport', document_number } }];
  const verification = { trust_framework: 'eidas', assurance_level: 'high', time: '2026-05-04T09:30:00Z', evidence };
  return { verification, claims };
}

function clients({ gateway, secret }) {
  const gate = {
    client_id: 'gate',
    client_secret: secret,
    grant_types: ['authorization_code', DEVICE],
    redirect_uris: [`${gateway}/cure/callback`],
  };
  // Signed introspection answers are made out to the client id, and a resource server takes those made out to itself.
  const resource = { client_id: gateway, client_secret: secret, grant_types: [], redirect_uris: [], response_types: [] };
  const app = {
    client_id: 'app',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    redirect_uris: ['http://127.0.0.1/back'],
  };
  return [gate, resource, app];
}

/** The gateway takes self-contained tokens and others; a third resource server is none of its business. */
function resourceServer({ gateway }, resource) {
  const opaque = resource === `${gateway}/opaque`;
  return {
    scope: 'models',
    audience: opaque || resource === `${gateway}/jwt` ? gateway : resource,
    accessTokenFormat: opaque ? 'opaque' : 'jwt',
    accessTokenTTL: HOUR,
    jwt: { sign: { alg: 'ES256' } },
  };
}

function configuration(plan, names) {
  const claims = (sub) => ({ sub, verified_claims: verified(plan.people[sub]) });
  return {
    clients: clients(plan),
    clientDefaults: { id_token_signed_response_alg: 'ES256', introspection_signed_response_alg: 'ES256' },
    jwks: keySet(names),
    cookies: { keys: [plan.secret] },
    claims: { openid: ['sub'], verified_claims: null },
    findAccount: (_, sub) => (plan.people[sub] ? { accountId: sub, claims: () => claims(sub) } : undefined),
    extraTokenClaims: (_, { accountId }) => ({ verified_claims: verified(plan.people[accountId]) }),
    pkce: { required: () => true },
    features: {
      claimsParameter: { enabled: true },
      deviceFlow: { enabled: true },
      devInteractions: { enabled: true },
      dPoP: { enabled: true },
      introspection: { enabled: true },
      jwtIntrospection: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => resourceServer(plan, resource),
        useGrantedResource: () => true,
      },
    },
  };
}

await run(async (plan) => {
  const { Provider } = await load('oidc-provider');
  const asked = new Map();
  let current;
  const server = createServer((request, response) => {
    const [path] = request.url.split('?');
    asked.set(path, (asked.get(path) ?? 0) + 1);
    current(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;
  // Sessions, grants and tokens lie in the package's own memory, so they outlive the provider that made them.
  const use = (names) => {
    current = new Provider(issuer, configuration(plan, names)).callback();
  };
  use(plan.keys);
  const answer = ({ keys, asked: path }) => {
    if (keys) use(keys);
    return path ? { times: asked.get(path) ?? 0 } : {};
  };
  return { ready: { issuer }, answer };
});
