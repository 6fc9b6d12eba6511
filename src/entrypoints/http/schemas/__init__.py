"""One description of each request and response body: validation, `/v2/schemas`, output."""
