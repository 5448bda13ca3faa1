"""CardDAV on the wire: requests in, multistatus out; everything that is decided is decided below."""
