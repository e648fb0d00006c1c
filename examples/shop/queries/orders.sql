-- name: GetOrder :one
SELECT * FROM orders WHERE id = $1;

-- name: ListOrdersOfCustomer :many
SELECT id, status, total, placed_at
FROM orders
WHERE customer_id = $1
ORDER BY placed_at DESC
LIMIT 50 OFFSET $2;

-- name: ListOrdersByEmail :many
SELECT o.id, o.status, o.total
FROM orders o
JOIN customers c ON c.id = o.customer_id
WHERE lower(c.email) = lower($1)
ORDER BY o.placed_at DESC;

-- name: OrdersOfDay :many
SELECT id, customer_name, total
FROM orders
WHERE date(placed_at) = $1;

-- name: CreateOrder :one
INSERT INTO orders (customer_id, shipping_address_id, total, status)
VALUES ($1, $2, $3, 'pending')
RETURNING id;

-- name: AddOrderItem :exec
INSERT INTO order_items VALUES ($1, $2, $3, $4);

-- name: NextUnpaidOrder :one
SELECT id
FROM orders
WHERE status = 'pending'
ORDER BY placed_at
FOR UPDATE SKIP LOCKED
LIMIT 1;
