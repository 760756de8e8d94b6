import { Provider } from 'oidc-provider';
const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [{ client_id: 'machine', client_secret: 'machine-secret', grant_types: ['client_credentials'], redirect_uris: [], response_types: [] }],
  scopes: ['openid', 'hugr:readonly'],
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: { enabled: true, defaultResource: () => 'urn:eider', useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: 'openid hugr:readonly', audience: 'eider', accessTokenTTL: 300, accessTokenFormat: 'jwt' }) },
  },
});
provider.listen(port, '127.0.0.1', () => console.log('listening'));
