-- name: DeactivateProducts :exec
UPDATE products SET active = false;

-- name: PurgeCoupons :exec
DELETE FROM coupons WHERE valid_until < now();

-- name: RevenueByMonth :many
SELECT date_trunc('month', placed_at) AS month, sum(total) AS revenue
FROM orders
WHERE status <> 'cancelled'
GROUP BY 1
ORDER BY 1;

-- name: EveryPair :many
SELECT p.name, c.name
FROM products p, categories c;

-- name: LatestReviews :many
SELECT r.id, r.stars, r.body, p.name
FROM reviews r
JOIN products p ON p.id = r.product_id
WHERE p.sku LIKE '%-SALE'
LIMIT 10;

-- name: CountOpenOrders :one
SELECT count(*) FROM orders WHERE status IN ('pending', 'paid');
