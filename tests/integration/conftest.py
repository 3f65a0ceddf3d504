"""The servers that integration tests may ask for."""

from tests.servers.redis import own_redis, redis_url, shared_redis

__all__ = ["own_redis", "redis_url", "shared_redis"]
