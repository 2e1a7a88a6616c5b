// A person's wallet, and the state that issued the credential in it (SD-JWT VC, EUDI PID).
//
// Plan: now, issuer (iss, key as PKCS #8 PEM, chain as PEM), person (claims).
// An answer to {"link": OPENID4VP-LINK} shows what the verifier asks for and nothing else, and posts it unless "keep" is
// set. Further members make it a bad one: nonce, aud, holder ("thief"), forge ("unreferenced", "tampered"), presentation
// (one made before).

import { X509Certificate, createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { load, run } from './peer.mjs';

const DAY = 86400;
const HIDDEN = ['given_name', 'family_name', 'birthdate', 'personal_administrative_number', 'nationalities'];

const now = () => Math.floor(Date.now() / 1000);
const encode = (data) => Buffer.from(data).toString('base64url');
const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const es256 = (key) => (text) => sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
const checks = (key) => (text, signature) =>
  verify('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));

function jwt(header, payload, signer) {
  const text = `${encode(JSON.stringify(header))}.${encode(JSON.stringify(payload))}`;
  return `${text}.${signer(text)}`;
}

const part = (text, index) => JSON.parse(Buffer.from(text.split('.')[index], 'base64url'));

/** Fetches the request object and checks who asks (OpenID4VP 1.0, 5.9.3: `x509_san_dns`). */
async function requestOf(link) {
  const asked = new URL(link).searchParams;
  const response = await fetch(asked.get('request_uri'));
  const text = await response.text();
  if (response.status !== 200) throw new Error(`no request object: ${response.status} ${text}`);
  const [header, request] = [part(text, 0), part(text, 1)];
  const certificate = new X509Certificate(Buffer.from(header.x5c[0], 'base64'));
  const [, host] = asked.get('client_id').split(/:(.*)/s);
  const sound =
    header.typ === 'oauth-authz-req+jwt' &&
    checks(certificate.publicKey)(text.split('.').slice(0, 2).join('.'), text.split('.')[2]) &&
    request.client_id === asked.get('client_id') &&
    certificate.subjectAltName.split(', ').includes(`DNS:${host}`) &&
    new URL(request.response_uri).hostname === host;
  if (!sound) throw new Error('a wallet answers no request that it cannot attribute');
  return request;
}

/** The query that a PID answers, and the frame of its claims. */
function asksFor(request) {
  const query = request.dcql_query.credentials.find(({ meta }) => meta.vct_values?.includes('urn:eudi:pid:1'));
  const every = (size) => Object.fromEntries([...Array(size).keys()].map((index) => [index, true]));
  return { query, frame: (person) => Object.fromEntries(query.claims.map(({ path: [name, all] }) =>
    [name, all === null ? every(person[name].length) : true])) };
}

const forgeries = {
  // A claim that the issuer never made, of which no digest tells.
  unreferenced: (shown) => `${shown}${encode(JSON.stringify([encode(randomBytes(16)), 'nationalities', ['US']]))}~`,
  // What was disclosed of the elements, with another country in it.
  tampered: (shown) => shown.split('~').map((disclosure) => {
    const value = disclosure && !disclosure.includes('.') ? JSON.parse(Buffer.from(disclosure, 'base64url')) : [];
    return value.length === 2 ? encode(JSON.stringify([value[0], 'US'])) : disclosure;
  }).join('~'),
};

await run(async (plan) => {
  const { SDJwtVcInstance } = await load('@sd-jwt/sd-jwt-vc');
  const [own, thief] = [pair(), pair()];
  const issuerKey = createPrivateKey(plan.issuer.key);
  const library = (holder) => new SDJwtVcInstance({
    signer: es256(issuerKey),
    signAlg: 'ES256',
    verifier: checks(createPublicKey(issuerKey)),
    hasher: (data, name) => createHash(name.replace('-', '')).update(Buffer.from(data)).digest(),
    hashAlg: 'sha-256',
    saltGenerator: (length) => encode(randomBytes(length)),
    kbSigner: es256(holder.privateKey),
    kbSignAlg: 'ES256',
    kbVerifier: (text, signature, { cnf }) => checks(createPublicKey({ key: cnf.jwk, format: 'jwk' }))(text, signature),
  });
  const { iss, chain } = plan.issuer;
  const x5c = chain.map((pem) => new X509Certificate(pem).raw.toString('base64'));
  const cnf = { jwk: own.publicKey.export({ format: 'jwk' }) };
  const claims = { iss, vct: 'urn:eudi:pid:1', iat: now() - DAY, exp: now() + 7 * DAY, cnf, ...plan.person };
  const elements = { nationalities: { _sd: [...plan.person.nationalities.keys()] } };
  const credential = await library(own).issue(claims, { _sd: HIDDEN, ...elements }, { header: { x5c } });

  const present = async (request, frame, { nonce, aud, holder, forge }) => {
    const key = holder === 'thief' ? thief : own;
    const payload = { iat: now(), nonce: nonce ?? request.nonce, aud: aud ?? request.client_id };
    if (!forge) return library(key).present(credential, frame, { kb: { payload } });
    const shown = forgeries[forge](await library(key).present(credential, frame));
    const sd_hash = createHash('sha256').update(shown).digest('base64url');
    return shown + jwt({ alg: 'ES256', typ: 'kb+jwt' }, { ...payload, sd_hash }, es256(key.privateKey));
  };

  const answer = async ({ link, presentation, keep, ...wrong }) => {
    const request = await requestOf(link);
    const { query, frame } = asksFor(request);
    const shown = presentation ?? await present(request, frame(plan.person), wrong);
    if (keep) return { presentation: shown };
    const body = new URLSearchParams({ state: request.state, vp_token: JSON.stringify({ [query.id]: [shown] }) });
    const response = await fetch(request.response_uri, { method: 'POST', body, headers: { accept: 'application/json' } });
    // What a verifier built on the library alone would have said.
    const keyBindingNonce = wrong.nonce ?? request.nonce;
    const library_accepts = await library(own).verify(shown, { keyBindingNonce }).then(() => true, () => false);
    const { state } = request;
    return { status: response.status, body: await response.json(), state, asked: query.claims, presentation: shown, library_accepts };
  };
  return { ready: { credential }, answer };
});
