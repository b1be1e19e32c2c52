"""The platform over HTTP. In: an open platform, and who may do what. Out: an application and its server."""
