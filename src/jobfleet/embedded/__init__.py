"""The engines that come with the product: PostgreSQL and NATS as child processes of ours."""
